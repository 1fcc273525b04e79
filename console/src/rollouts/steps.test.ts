import { describe, expect, it } from "vitest";
import type { DeploymentConfig } from "../api/types";
import { at, deployment, history, waveEnded, waveStarted } from "../testing/fixtures";
import { milliseconds } from "./durations";
import { stepsOf, type Step } from "./steps";

const CANARY: DeploymentConfig = {
  canary_percentage: 10,
  canary_delay: "30m",
  timeout: "2h",
  auto_rollback: true,
  health_check: true,
};

function states(steps: Step[]): string[] {
  return steps.map((step) => `${step.key} ${step.state}`);
}

describe("the steps of a strategy", () => {
  it("wait at the start until somebody starts it", () => {
    expect(states(stepsOf(deployment(), []))).toEqual(["start now", "deploy next", "wait next", "end next"]);
  });

  it("light the batch under way and say which one it is", () => {
    const running = deployment({ status: "running", waves: 4, current_wave: 2 });
    const steps = stepsOf(
      running,
      history(waveStarted(1, 5, 1), waveEnded(1, { success: 5 }, 1), waveStarted(2, 5, 1)),
    );
    expect(states(steps)).toEqual(["start done", "deploy now", "wait next", "end next"]);
    expect(steps[1]?.label).toBe("Batch 2 of 4");
  });

  it("light the wait between batches, and say when it goes on", () => {
    const running = deployment({ status: "running", waves: 4, current_wave: 1 });
    const steps = stepsOf(running, history(waveStarted(1, 5, 1, 0), waveEnded(1, { success: 5 }, 1, 3)));
    expect(steps[2]).toMatchObject({ state: "now", until: at(8) });
  });

  it("say when a wait ends as the API tells it, rather than by the history's clock", () => {
    const waits = {
      what: "batch_delay" as const,
      wave: 1,
      devices: null,
      until: at(9),
      then: "",
      overdue: false,
      sentence: "",
    };
    const running = deployment({ status: "running", waves: 4, current_wave: 1, waits_for: waits });
    const steps = stepsOf(running, history(waveStarted(1, 5, 1, 0), waveEnded(1, { success: 5 }, 1, 3)));
    expect(steps[2]).toMatchObject({ state: "now", until: at(9) });
  });

  it("do not wait after the last batch", () => {
    const running = deployment({ status: "running", waves: 1, current_wave: 1 });
    const steps = stepsOf(running, history(waveStarted(1, 5, 1), waveEnded(1, { success: 5 }, 1)));
    expect(steps.find((step) => step.state === "now")?.key).toBe("deploy");
  });

  it("of a canary go from the canaries over the watch to the rest", () => {
    const running = deployment({ strategy: "canary", config: CANARY, status: "running", waves: 2, current_wave: 1 });
    const first = [waveStarted(1, 2, 0, 0)];
    const watched = [...first, waveEnded(1, { success: 2 }, 0, 1)];
    const rest = [...watched, waveStarted(2, 18, 0, 31)];
    const lit = [first, watched, rest].map(
      (events) => stepsOf(running, history(...events)).find((step) => step.state === "now")?.key,
    );
    expect(lit).toEqual(["deploy", "wait", "rest"]);
  });

  it("end where a breach ended them, and show the way back", () => {
    const back = deployment({ strategy: "canary", config: CANARY, status: "rolling_back", waves: 2, current_wave: 1 });
    const steps = stepsOf(back, history(waveStarted(1, 2, 0), waveEnded(1, { failed: 2 }, 0)));
    expect(states(steps)).toEqual([
      "start done",
      "deploy failed",
      "wait never",
      "rest never",
      "rollback now",
      "end next",
    ]);
    expect(states(stepsOf({ ...back, status: "rolled_back" }, [])).slice(-2)).toEqual(["rollback done", "end done"]);
  });

  it("are all done when it is completed", () => {
    const steps = stepsOf(deployment({ status: "completed", waves: 4, current_wave: 4 }), []);
    expect(new Set(steps.map((step) => step.state))).toEqual(new Set(["done"]));
  });

  it.each(["all_at_once", "rolling", "canary", "blue_green"] as const)("of %s light one step at most", (strategy) => {
    for (const status of ["pending", "running", "paused", "failed", "rolling_back", "rolled_back"] as const) {
      const steps = stepsOf(deployment({ strategy, status, waves: 2, current_wave: 1 }), history(waveStarted(1, 5, 0)));
      expect(steps.filter((step) => step.state === "now").length).toBeLessThanOrEqual(1);
    }
  });
});

describe("durations", () => {
  it.each([
    ["90s", 90_000],
    ["1h30m", 5_400_000],
    ["7d", 604_800_000],
    ["0s", 0],
    [undefined, 0],
  ])("%s is %d ms", (duration, expected) => {
    expect(milliseconds(duration)).toBe(expected);
  });
});
