// What is known of single devices, put together from the targets that are loaded and from the history, which tells of
// all of them.

import type { DeploymentEvent, Target } from "../api/types";
import { isUnreadable } from "../api/unreadable";

/** What a page knows of a deployment beside its record. */
export type Known = {
  events: readonly DeploymentEvent[];
  /** Those that are loaded. */
  targets: readonly Target[];
  /** They are all of them. */
  complete: boolean;
};

/**
 * Return the devices that took the version up after they had been given up, and that no rollback has returned since.
 *
 * `reached_late` stays true of a device that was returned; which were, the order of the history tells.
 */
export function lateDevices({ events, targets }: Known): string[] {
  const late = new Set(
    targets.filter(({ reached_late, status }) => reached_late && status !== "rolled_back").map((one) => one.device_id),
  );
  const planned = events.findLastIndex((event) => event.type === "rollback_planned");
  for (const event of events.slice(planned + 1)) {
    if (event.type === "reached_late") late.add(event.details.device_id);
  }
  return [...late];
}

/** How many failed by themselves, also those that have returned since; null where not all targets are loaded. */
export function failedByThemselves({ targets, complete }: Known): number | null {
  return complete ? targets.filter(hasFailed).length : null;
}

function hasFailed(target: Target): boolean {
  if (isUnreadable(target)) return true; // nobody knows that it succeeded, so a retry goes to it as well
  const { status, reason } = target;
  if (status === "rolled_back") return reason !== null && reason !== "aborted";
  return status === "failed" || status === "rollback_failed";
}

/** How many were skipped because they were offline when their wave began; null before the history is loaded. */
export function skippedOffline({ events }: Known): number | null {
  if (events.length === 0) return null;
  const byWave = new Map<number, number>();
  for (const event of events) {
    if (event.type === "wave_started") byWave.set(event.details.wave, event.details.offline);
  }
  return [...byWave.values()].reduce((sum, count) => sum + count, 0);
}

/** The breach that somebody has to accept to go on; null when there is none. */
export function openBreach(events: readonly DeploymentEvent[]): { wave: number; failed: number } | null {
  const found = events.findLast((event) => event.type === "breached" || event.type === "breach_accepted");
  return found?.type === "breached" ? { wave: found.details.wave, failed: found.details.failed } : null;
}
