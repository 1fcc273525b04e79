// What an operator can do to a rollout, and why not what cannot be done. What it will do is in consequences.ts.

import type { Deployment, DeploymentStatus, RetryOnly } from "../api/types";
import type { Option } from "../components/confirm";
import { wordFor } from "../components/status";
import { whyNot, type User } from "../session/rights";
import { texts } from "../texts";
import { callOf, optionsOf } from "./consequences";
import { lateDevices, openBreach, type Known } from "./late";

/** When each can be asked for, as docs/api.md has it; where it would be a repeat it is not offered. */
export const ALLOWED = {
  start: ["pending"],
  resume: ["paused"],
  promote: ["running"],
  pause: ["running"],
  cancel: ["pending", "running", "paused"],
  retry: ["failed", "rolled_back"],
  rollback: ["running", "paused", "completed", "failed", "cancelled", "rolled_back"],
} as const satisfies Record<string, readonly DeploymentStatus[]>;

export type ActionName = keyof typeof ALLOWED;
export const ACTIONS = Object.keys(ALLOWED) as ActionName[];

/** Which of the ways a dialog offers; `default` is all there is to choose but for a retry. */
export type Way = "default" | RetryOnly;
/** What the API is asked for, with the body where one says more. */
export type ActionCall =
  | { name: "resume"; body?: { accept_failures: true } }
  | { name: "retry"; body?: { only: RetryOnly[] } }
  | { name: Exclude<ActionName, "resume" | "retry">; body?: never };

export type Action = {
  name: ActionName;
  label: string;
  /** Why it cannot be done, null when it can. */
  refusal: string | null;
  /** The rollout is where this makes sense, whoever may do it. */
  fits: boolean;
  /** The ways to do it, each with what it will do to how many devices. */
  options: readonly [Option<Way>, ...Option<Way>[]];
  call: (way: Way) => ActionCall;
  danger: boolean;
};

const NOTHING_KNOWN: Known = { events: [], targets: [], complete: false };

const DELAYS = ["batch_delay", "canary_delay", "switch_delay"];

/** Return all actions, each with what it would do or why it cannot be done. */
export function actionsOf(deployment: Deployment, user: User, known: Known = NOTHING_KNOWN): Action[] {
  const missing = whyNot(user, "deploy");
  return ACTIONS.map((name) => {
    const misfit = whyNotNow(name, deployment, known);
    return {
      name,
      label: texts.actions[name],
      fits: misfit === null,
      refusal: misfit ?? missing ?? whyPointless(name, deployment),
      options: optionsOf(name, deployment, known),
      call: (way) => callOf(name, way, acceptsFailures(deployment, known)),
      danger: name === "rollback",
    };
  });
}

/** Say why it makes no sense where the rollout is now; null when it does. */
function whyNotNow(name: ActionName, deployment: Deployment, known: Known): string | null {
  const { status } = deployment;
  const words = texts.actions;
  if (name === "rollback" && status === "cancelling") return words.beingCancelled;
  if (name === "rollback" && status === "rolling_back") return words.rollingBackAlready;
  if (!(ALLOWED[name] as readonly DeploymentStatus[]).includes(status)) {
    return words.notNow(wordFor(status), words.isFor[name]);
  }
  if (name === "rollback" && status === "cancelled" && deployment.started_at === null) return words.neverStarted;
  if (name === "rollback" && status === "rolled_back" && lateDevices(known).length === 0)
    return words.rolledBackAlready;
  if (name === "promote" && !DELAYS.includes(deployment.waits_for?.what ?? "")) {
    return words.noDelay(deployment.waits_for?.sentence ?? null);
  }
  return null;
}

function whyPointless(name: ActionName, deployment: Deployment): string | null {
  if (name !== "retry") return null;
  if (deployment.retried_by !== null) return texts.actions.retriedAlready(deployment.retried_by);
  const none = deployment.status === "failed" && deployment.failed_targets === 0 && !mayHaveSkippedOffline(deployment);
  return none ? texts.actions.nothingToRetry : null;
}

/** Which of the skipped were offline the counts do not tell; a retry goes to those alone. */
function mayHaveSkippedOffline({ config, target_counts: counts }: Deployment): boolean {
  return config.offline === "skip" && (counts.skipped ?? 0) > 0;
}

/** Whoever goes on after a breach that nothing has rolled back accepts its failures, as the dialog says. */
function acceptsFailures({ config }: Deployment, { events }: Known): boolean {
  return !config.auto_rollback && openBreach(events) !== null;
}
