// What an action will do to how many devices, told before it is done: sentences, the most important first.

import type { Deployment, RetryOnly } from "../api/types";
import type { Option } from "../components/confirm";
import { texts } from "../texts";
import type { ActionCall, ActionName, Way } from "./actions";
import { failedByThemselves, lateDevices, openBreach, skippedOffline, type Known } from "./late";
import type { Wave } from "./waves";

const words = texts.consequences;

export function optionsOf(
  name: ActionName,
  deployment: Deployment,
  known: Known,
): readonly [Option<Way>, ...Option<Way>[]] {
  if (name === "retry") return retrying(deployment, known);
  return [{ value: "default", label: texts.actions[name], consequences: consequencesOf(name, deployment, known) }];
}

export function callOf(name: ActionName, way: Way, acceptsFailures: boolean): ActionCall {
  if (name === "resume" && acceptsFailures) return { name, body: { accept_failures: true } };
  return name === "retry" && way !== "default" ? { name, body: { only: [way] } } : { name };
}

function consequencesOf(name: Exclude<ActionName, "retry">, deployment: Deployment, known: Known): string[] {
  const open = deployment.target_counts.open ?? 0;
  switch (name) {
    case "start":
      return starting(deployment);
    case "pause":
      return [words.pause, words.pauseOpen(open)];
    case "resume":
      return resuming(deployment, known);
    case "promote":
      return promoting(deployment);
    case "cancel":
      return deployment.status === "pending" ? [words.cancelPending] : [words.cancel(open), words.cancelKeeps];
    case "rollback":
      return goingBack(deployment, known);
  }
}

/** What giving up on one device of this wave does. */
export function skipping(deployment: Deployment, deviceId: string, wave: Wave | undefined): string[] {
  const first = words.skip(deviceId);
  if (wave?.tolerated === null || wave === undefined) return [first, ending(deployment)];
  const { tally, tolerated } = wave;
  const failed = tally.bad + 1;
  const counted = words.skipCounts(wave.number, failed, tolerated);
  const breach = deployment.config.auto_rollback ? words.skipGoesBack : words.skipStops;
  return [first, counted, failed > tolerated ? breach : words.skipGoesOn];
}

/** How many devices a rollback changes: those that run the new version, hold it staged, or may be at work on it. */
export function touched({ target_counts: counts, total_targets: total, current_wave: wave }: Deployment): number {
  if (wave === 0) return 0;
  const ended = (counts.success ?? 0) + (counts.staged ?? 0) + (counts.failed ?? 0) + (counts.rollback_failed ?? 0);
  return Math.min(total ?? ended, ended);
}

function starting(deployment: Deployment): string[] {
  const first =
    deployment.total_targets === null
      ? words.startGroups(deployment.flow_version, deployment.target_groups)
      : words.start(deployment.flow_version, deployment.total_targets);
  return [first, texts.strategies[deployment.strategy].does(deployment.config), ending(deployment)];
}

function resuming(deployment: Deployment, { events }: Known): string[] {
  const breach = deployment.config.auto_rollback ? null : openBreach(events);
  const pause = events.findLast((event) => event.type === "paused");
  return [
    words.resume(deployment.target_counts.open ?? 0),
    ...(breach ? [words.resumeAccepts(breach.failed, breach.wave)] : []),
    ...(pause?.details.cause === "offline" ? [words.resumeLooksAgain] : []),
  ];
}

function promoting(deployment: Deployment): string[] {
  const { strategy, waits_for: waitsFor, target_counts: counts } = deployment;
  const left = strategy === "blue_green" ? (counts.staged ?? 0) : (counts.open ?? 0);
  const next = (waitsFor?.wave ?? deployment.current_wave) + 1;
  const first = strategy === "blue_green" ? words.promoteSwitch(left) : words.promote(next, left);
  return [first, words.promoteUnseen];
}

function goingBack(deployment: Deployment, known: Known): string[] {
  if (deployment.status === "rolled_back") return [words.rollbackLate(lateDevices(known).length), words.rollbackLeaves];
  const isOpen = deployment.status === "running" || deployment.status === "paused";
  const open = isOpen ? (deployment.target_counts.open ?? 0) : 0;
  return [
    words.rollback(touched(deployment)),
    ...(open > 0 ? [words.rollbackOpen(open)] : []),
    ...(deployment.action === "remove" ? [words.rollbackHadNothing] : []),
    words.rollbackLeaves,
  ];
}

/** The ways to retry: those that have somebody to go to, all that can be reached first. */
function retrying(deployment: Deployment, known: Known): readonly [Option<Way>, ...Option<Way>[]] {
  const version = deployment.flow_version;
  const wasRolledBack = deployment.status === "rolled_back";
  const total = deployment.total_targets ?? 0;
  const failed = wasRolledBack ? failedByThemselves(known) : deployment.failed_targets;
  const mayBeOffline = deployment.config.offline === "skip" && (wasRolledBack || deployment.target_counts.skipped);
  const offline = mayBeOffline ? skippedOffline(known) : 0;
  const option = (value: Way, label: string, first: string): Option<Way> => ({
    value,
    label,
    consequences: [first, words.retrySame],
  });
  const only = (kind: RetryOnly, count: number | null) =>
    option(kind, texts.actions.only[kind], words.retryOnly[kind](count, version));
  const kinds = [
    ...(failed === 0 ? [] : [only("failed", failed)]),
    ...(offline === 0 ? [] : [only("offline", offline)]),
  ];
  if (wasRolledBack) return [option("default", texts.actions.retryAll, words.retryAll(total, version)), ...kinds];
  const both = option("default", texts.actions.retryBoth, words.retryBoth(failed ?? 0, offline, version));
  const [one] = kinds;
  return kinds.length === 2 || one === undefined ? [both, ...kinds] : [one];
}

function ending({ config }: Deployment): string {
  return config.auto_rollback ? words.goesBackByItself : words.stopsForYou;
}
