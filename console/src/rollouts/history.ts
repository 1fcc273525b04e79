import type { DeploymentEvent } from "../api/types";
import { texts } from "../texts";

export type Mark = "plain" | "good" | "bad" | "back" | "hold";

/** Say in a sentence what happened, and how it is marked in the timeline. Types that are new read as their name. */
export function describe(event: DeploymentEvent): { text: string; mark: Mark } {
  const words = texts.events;
  switch (event.type) {
    case "created": {
      const { retry_of: retryOf, total_targets: total } = event.details;
      return plain(retryOf === null ? words.created(total) : words.createdRetry(retryOf));
    }
    case "targets_resolved":
      return plain(words.targetsResolved(event.details.total_targets));
    case "started":
      return plain(words.started);
    case "waves_planned":
      return plain(words.wavesPlanned(event.details.total_targets, event.details.waves));
    case "wave_started":
      return plain(words.waveStarted(event.details.wave, event.details.total, event.details.offline));
    case "wave_closed": {
      const closed = event.details.cause === "timeout" ? words.waveTimedOut : words.waveStopped;
      return { text: closed(event.details.wave), mark: "hold" };
    }
    case "wave_ended": {
      const { wave, failed, total, breached } = event.details;
      return { text: words.waveEnded(wave, failed, total), mark: breached ? "bad" : "good" };
    }
    case "breached": {
      const { wave, failed, total, tolerated } = event.details;
      return { text: words.breached(wave, failed, total, tolerated), mark: "bad" };
    }
    case "breach_accepted":
      return plain(words.breachAccepted(event.details.wave, event.details.tolerated));
    case "paused":
      return { text: words.paused[event.details.cause], mark: "hold" };
    case "resumed":
      return plain(words.resumed);
    case "promoted":
      return plain(words.promoted(event.details.wave));
    case "target_given_up":
      return { text: words.targetGivenUp(event.details.device_id, event.details.wave), mark: "bad" };
    case "reached_late":
      return { text: words.reachedLate(event.details.device_id, event.details.version), mark: "bad" };
    case "returned_late":
      return { text: words.returnedLate(event.details.device_id), mark: "back" };
    case "cancel_requested":
      return { text: words.cancelRequested, mark: "hold" };
    case "cancelled":
      return { text: words.cancelled, mark: "hold" };
    case "retried":
      return plain(words.retried(event.details.deployment_id));
    case "rollback_requested":
      return { text: words.rollbackRequested, mark: "back" };
    case "rollback_started":
      return { text: words.rollbackStarted[event.details.origin], mark: "back" };
    case "rollback_planned": {
      const { jobs, returned_already: returned, moved_on: movedOn } = event.details;
      return { text: words.rollbackPlanned(jobs, returned, movedOn), mark: "back" };
    }
    case "completed":
      return { text: words.completed, mark: "good" };
    case "failed":
      return { text: words.failed, mark: "bad" };
    case "rolled_back":
      return { text: words.rolledBack, mark: "back" };
    default:
      return plain(words.other((event as { type: string }).type));
  }
}

function plain(text: string): { text: string; mark: Mark } {
  return { text, mark: "plain" };
}
