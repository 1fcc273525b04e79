// What an operator can do to a rollout, and what it will do to how many devices, told before it is done.

import type { Deployment } from "../api/types";
import { whyNot, type User } from "../session/rights";
import { texts } from "../texts";

export const ACTIONS = ["start", "pause", "resume", "cancel", "rollback", "retry"] as const;
export type ActionName = (typeof ACTIONS)[number];

export type Action = {
  name: ActionName;
  label: string;
  /** Why it cannot be done, null when it can. */
  refusal: string | null;
  /** Sentences, the most important first. */
  consequences: string[];
  /** What the request carries. */
  body?: { accept_failures: true };
  danger: boolean;
};

/** Return the actions that make sense to show for this deployment, each with what it would do. */
export function actionsOf(deployment: Deployment, user: User): Action[] {
  const missing = whyNot(user, "deploy");
  const action = (name: ActionName, consequences: string[], refusal: string | null = null): Action => ({
    name,
    label: texts.actions[name],
    refusal: missing ?? refusal,
    consequences,
    danger: name === "rollback",
  });
  switch (deployment.status) {
    case "pending":
      return [action("start", starting(deployment)), action("cancel", [texts.consequences.cancelPending])];
    case "running":
      return [
        action("pause", pausing(deployment)),
        action("cancel", cancelling(deployment)),
        action("rollback", goingBack(deployment)),
      ];
    case "paused":
      return [
        {
          ...action("resume", resuming(deployment)),
          ...(acceptsFailures(deployment) ? { body: { accept_failures: true } as const } : {}),
        },
        action("cancel", cancelling(deployment)),
        action("rollback", goingBack(deployment)),
      ];
    case "completed":
      return [action("rollback", goingBack(deployment))];
    case "cancelled":
      return deployment.started_at === null ? [] : [action("rollback", goingBack(deployment))];
    case "cancelling":
      return [action("rollback", [], texts.actions.beingCancelled)];
    case "failed":
      return [action("retry", retrying(deployment), noRetry(deployment)), action("rollback", goingBack(deployment))];
    case "rolling_back":
      return [action("rollback", [], texts.actions.rollingBackAlready)];
    case "rolled_back":
      return [
        { ...action("retry", retryingAll(deployment), retriedAlready(deployment)), label: texts.actions.retryAll },
      ];
    default:
      return [];
  }
}

/** How many devices a rollback changes: those that run the new version, hold it staged, or may be at work on it. */
export function touched({ target_counts: counts, total_targets: total, current_wave: wave }: Deployment): number {
  if (wave === 0) return 0;
  const ended = (counts.success ?? 0) + (counts.staged ?? 0) + (counts.failed ?? 0) + (counts.rollback_failed ?? 0);
  return Math.min(total ?? ended, ended);
}

function starting(deployment: Deployment): string[] {
  const words = texts.consequences;
  const first =
    deployment.total_targets === null
      ? words.startGroups(deployment.flow_version, deployment.target_groups)
      : words.start(deployment.flow_version, deployment.total_targets);
  return [first, texts.strategies[deployment.strategy].does(deployment.config), ending(deployment)];
}

function resuming(deployment: Deployment): string[] {
  const words = texts.consequences;
  const failed = deployment.target_counts.failed ?? 0;
  const left = deployment.target_counts.open ?? 0;
  return [words.resume(left), ...(acceptsFailures(deployment) ? [words.resumeAccepts(failed)] : [])];
}

/** Whoever goes on after failures that nothing has rolled back accepts them, as the dialog says. */
function acceptsFailures({ config, target_counts: counts }: Deployment): boolean {
  return (counts.failed ?? 0) > 0 && !config.auto_rollback;
}

function cancelling(deployment: Deployment): string[] {
  const words = texts.consequences;
  return [words.cancel(deployment.target_counts.open ?? 0), words.cancelKeeps];
}

function pausing(deployment: Deployment): string[] {
  return [texts.consequences.pause, texts.consequences.pauseOpen(deployment.target_counts.open ?? 0)];
}

function goingBack(deployment: Deployment): string[] {
  const words = texts.consequences;
  const open = deployment.status === "running" ? (deployment.target_counts.open ?? 0) : 0;
  return [words.rollback(touched(deployment)), ...(open > 0 ? [words.rollbackOpen(open)] : []), words.rollbackLeaves];
}

function retrying(deployment: Deployment): string[] {
  const words = texts.consequences;
  const only = words.retry(deployment.failed_targets, deployment.flow_version);
  return [only, ...(mayHaveSkippedOffline(deployment) ? [words.retryOffline] : []), words.retrySame];
}

function retryingAll(deployment: Deployment): string[] {
  const words = texts.consequences;
  return [words.retryAll(deployment.total_targets ?? 0, deployment.flow_version), words.retrySame];
}

function retriedAlready(deployment: Deployment): string | null {
  return deployment.retried_by === null ? null : texts.actions.retriedAlready(deployment.retried_by);
}

function noRetry(deployment: Deployment): string | null {
  return retriedAlready(deployment) ?? nothingToRetry(deployment);
}

function nothingToRetry(deployment: Deployment): string | null {
  const none = deployment.failed_targets === 0 && !mayHaveSkippedOffline(deployment);
  return none ? texts.actions.nothingToRetry : null;
}

/** Which of the skipped were offline the counts do not tell; a retry goes to those alone. */
function mayHaveSkippedOffline({ config, target_counts: counts }: Deployment): boolean {
  return config.offline === "skip" && (counts.skipped ?? 0) > 0;
}

function ending({ config }: Deployment): string {
  return config.auto_rollback ? texts.consequences.goesBackByItself : texts.consequences.stopsForYou;
}
