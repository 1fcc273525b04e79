import { Link } from "@tanstack/react-router";
import type { Deployment, DeploymentEvent, Target } from "../api/types";
import { Panel } from "../components/panel";
import { texts } from "../texts";
import { devices, number } from "../wording";
import { toneOf } from "./counts";

const words = texts.rollout;
const MOST_NAMED = 3;
/** Reasons of devices that did not fail: a success had nothing to remove, the others were skipped. */
const OF_NO_FAILURE: ReadonlySet<string> = new Set(["not_installed", "not_reached", "offline"]);

export function reasonInWords(reason: string | null): string {
  return reason === null ? "" : (texts.reasons[reason] ?? reason.replaceAll("_", " "));
}

/** Why devices failed, the most frequent reason first: from the end's event, until then from those that are known. */
export function countReasons(events: readonly DeploymentEvent[], targets: readonly Target[]): [string, number][] {
  const counts = new Map<string, number>();
  const end = events.findLast((event) => event.type === "failed" || event.type === "rolled_back");
  if (end !== undefined && "reason_counts" in end.details) {
    for (const [reason, count] of Object.entries(end.details.reason_counts)) {
      if (!OF_NO_FAILURE.has(reason)) counts.set(reason, count);
    }
  } else {
    for (const target of targets) {
      if (toneOf(target.status) !== "bad") continue;
      const reason = target.reason ?? "unknown";
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
  }
  return [...counts].sort(([, one], [, other]) => other - one);
}

export function FailureReasons({
  deployment,
  events,
  failed,
}: {
  deployment: Deployment;
  events: readonly DeploymentEvent[];
  failed: readonly Target[];
}) {
  const reasons = countReasons(events, failed);
  const most = reasons[0]?.[1] ?? 0;
  if (most === 0) return null;
  return (
    <Panel title={words.failures} note={deployment.failed_targets > 0 ? devices(deployment.failed_targets) : undefined}>
      <ul className="reasons">
        {reasons.map(([reason, count]) => (
          <li key={reason}>
            <span className="reason-name">{reasonInWords(reason)}</span>
            <span className="reason-bar" aria-hidden="true">
              <span style={{ width: `${(100 * count) / most}%` }} />
            </span>
            <b>{number(count)}</b>
          </li>
        ))}
      </ul>
      <Named targets={failed} />
    </Panel>
  );
}

/** The first devices that failed, each with its message whole. */
function Named({ targets }: { targets: readonly Target[] }) {
  if (targets.length === 0) return null;
  return (
    <ul className="named">
      {targets.slice(0, MOST_NAMED).map((target) => (
        <li key={target.device_id}>
          <Link to="/fleet/$id" params={{ id: target.device_id }} className="mono">
            {target.device_id}
          </Link>{" "}
          {target.message ?? reasonInWords(target.reason)}
        </li>
      ))}
      {targets.length > MOST_NAMED && <li className="muted">{words.failuresMore(targets.length - MOST_NAMED)}</li>}
    </ul>
  );
}
