// A strategy as the row of steps that an operator has in mind, with the one lit that the rollout is at.

import type { Deployment, DeploymentEvent, DeploymentSummary } from "../api/types";
import { texts } from "../texts";
import { milliseconds } from "./durations";

export type StepState = "done" | "now" | "next" | "never" | "failed";
export type Step = {
  key: string;
  label: string;
  detail: string | null;
  state: StepState;
  /** When a watched wait ends by itself, ISO 8601. */
  until?: string;
};

type Planned = { key: string; label: string; detail: string | null };

/** Where a rollout is: at a step by its place in the plan, or past the last one. */
type Position = { at: number; until?: string };

export function stepsOf(deployment: DeploymentSummary, events: readonly DeploymentEvent[]): Step[] {
  const plan = planOf(deployment);
  const position = positionOf(deployment, events);
  const steps = plan.map((planned, index): Step => {
    const state = stateAt(index, position.at, deployment);
    return state === "now" && position.until !== undefined
      ? { ...planned, state, until: position.until }
      : { ...planned, state };
  });
  return [...steps, ...ending(deployment)];
}

type LastWave = { wave: number; endedAt: string | null };

/** The wave that was started last, and when it ended well; wave 0 before the first. */
function lastWave(events: readonly DeploymentEvent[]): LastWave {
  let last: LastWave = { wave: 0, endedAt: null };
  for (const event of events) {
    if (event.type === "wave_started") last = { wave: event.details.wave, endedAt: null };
    else if (event.type === "wave_ended" && event.details.wave === last.wave && !event.details.breached)
      last = { ...last, endedAt: event.at };
  }
  return last;
}

function planOf(deployment: DeploymentSummary): Planned[] {
  const { config, strategy } = deployment;
  const total = deployment.total_targets;
  const words = texts.steps;
  const start: Planned = { key: "start", label: words.start, detail: words.startDetail(total) };
  const verify = config.health_check ? words.verified : words.unverified;
  switch (strategy) {
    case "rolling": {
      const wave = Math.max(1, deployment.current_wave);
      return [
        start,
        {
          key: "deploy",
          label: words.batch(wave, deployment.waves),
          detail: words.batchDetail(config.batch_size ?? 0, config.failure_threshold ?? 0),
        },
        { key: "wait", label: words.wait, detail: words.waitDetail(config.batch_delay ?? "") },
      ];
    }
    case "canary":
      return [
        start,
        { key: "deploy", label: words.canary, detail: words.canaryDetail(config.canary_percentage ?? 0) },
        { key: "wait", label: words.watch, detail: words.waitDetail(config.canary_delay ?? "") },
        { key: "rest", label: words.rest, detail: verify },
      ];
    case "blue_green":
      return [
        start,
        { key: "deploy", label: words.stage, detail: words.stageDetail },
        { key: "wait", label: words.watch, detail: words.waitDetail(config.switch_delay ?? "") },
        { key: "rest", label: words.switchOver, detail: verify },
      ];
    case "all_at_once":
    default:
      return [start, { key: "deploy", label: words.everything, detail: verify }];
  }
}

function positionOf(deployment: DeploymentSummary, events: readonly DeploymentEvent[]): Position {
  if (deployment.status === "pending") return { at: 0 };
  const { wave, endedAt } = lastWave(events);
  if (wave === 0) return { at: deployment.current_wave > 0 ? 1 : 0 };
  if (deployment.strategy === "all_at_once") return { at: 1 };
  const isLast = wave >= deployment.waves;
  if (deployment.strategy !== "rolling" && wave > 1) return { at: 3 };
  if (endedAt === null || isLast) return { at: 1 };
  return { at: 2, until: watchedUntil(deployment) ?? after(endedAt, delayOf(deployment)) };
}

function delayOf({ config }: DeploymentSummary): number {
  return milliseconds(config.batch_delay ?? config.canary_delay ?? config.switch_delay);
}

/** When the API says that the watched wait ends; lists do not tell. */
function watchedUntil(deployment: DeploymentSummary): string | null {
  const waits = "waits_for" in deployment ? (deployment as Deployment).waits_for : null;
  return waits?.what.endsWith("_delay") ? waits.until : null;
}

function after(at: string, delay: number): string {
  return new Date(Date.parse(at) + delay).toISOString();
}

function stateAt(index: number, at: number, deployment: DeploymentSummary): StepState {
  switch (deployment.status) {
    case "completed":
      return "done";
    case "pending":
    case "running":
    case "paused":
      return index < at ? "done" : index === at ? "now" : "next";
    case "failed":
    case "rolling_back":
    case "rolled_back":
    case "cancelling":
    case "cancelled":
    default:
      return index < at ? "done" : index === at ? "failed" : "never";
  }
}

function ending(deployment: DeploymentSummary): Step[] {
  const words = texts.steps;
  const step = (key: string, label: string, state: StepState): Step => ({ key, label, detail: null, state });
  switch (deployment.status) {
    case "completed":
      return [step("end", words.completed, "done")];
    case "failed":
      return [step("end", words.failed, "failed")];
    case "cancelled":
      return [step("end", words.cancelled, "failed")];
    case "cancelling":
      return [step("end", words.cancelling, "now")];
    case "rolling_back":
      return [step("rollback", words.rollback, "now"), step("end", words.rolledBack, "next")];
    case "rolled_back":
      return [step("rollback", words.rollback, "done"), step("end", words.rolledBack, "done")];
    case "pending":
    case "running":
    case "paused":
    default:
      return [step("end", words.complete, "next")];
  }
}
