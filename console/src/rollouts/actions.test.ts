import { describe, expect, it } from "vitest";
import { deployment } from "../testing/fixtures";
import { actionsOf } from "./actions";

const OPERATOR = { name: "alice", groups: ["operator"] };

function offered(fields: Parameters<typeof deployment>[0]): string[] {
  return actionsOf(deployment(fields), OPERATOR).map((action) => action.label);
}

describe("what can be done", () => {
  it.each([
    ["pending", ["Start", "Cancel rollout"]],
    ["running", ["Pause", "Cancel rollout", "Roll back"]],
    ["paused", ["Resume", "Cancel rollout", "Roll back"]],
    ["completed", ["Roll back"]],
    ["failed", ["Retry the failed", "Roll back"]],
    ["cancelling", ["Roll back"]],
    ["cancelled", []],
    ["rolling_back", ["Roll back"]],
    ["rolled_back", ["Retry all"]],
  ] as const)("when it is %s", (status, labels) => {
    expect(offered({ status })).toEqual(labels);
  });

  it("is a rollback of what was cancelled under way, and of nothing that never started", () => {
    expect(offered({ status: "cancelled", started_at: deployment().created_at })).toEqual(["Roll back"]);
  });

  it("is refused to whoever is no operator, with the reason", () => {
    const actions = actionsOf(deployment({ status: "running" }), { name: "eve", groups: ["viewer"] });
    expect(actions.map((action) => action.refusal)).toEqual([
      "Needs the group “operator”; you are in “viewer”.",
      "Needs the group “operator”; you are in “viewer”.",
      "Needs the group “operator”; you are in “viewer”.",
    ]);
  });

  it("is no second retry, and no retry of nothing", () => {
    const retried = actionsOf(deployment({ status: "failed", failed_targets: 3, retried_by: "dep_2" }), OPERATOR);
    expect(retried[0]?.refusal).toContain("dep_2");
    expect(actionsOf(deployment({ status: "failed" }), OPERATOR)[0]?.refusal).toContain("No device failed");
  });
});

describe("what it will do is said beforehand", () => {
  const mixed = { success: 7, staged: 0, failed: 3, open: 10 };

  it("starting: to how many devices, in which way, and what a breach does", () => {
    const start = actionsOf(deployment(), OPERATOR)[0];
    expect(start?.consequences).toEqual([
      "Deploys version 4 to 20 devices. It begins at once.",
      "Batches of 5 devices, 5m apart; a batch of which more than 20 % fail is a breach.",
      "A breach rolls everything back without asking.",
    ]);
  });

  it("starting or retrying a removal: that it takes the flow off", () => {
    const removal = { action: "remove", flow_version: null } as const;
    const said = (fields: Parameters<typeof deployment>[0]) =>
      actionsOf(deployment({ ...removal, ...fields }), OPERATOR)[0]?.consequences[0];
    expect(said({})).toBe("Takes the flow off 20 devices. It begins at once.");
    expect(said({ total_targets: null, target_groups: ["north"] })).toBe(
      "Takes the flow off the devices of “north”, which are counted and frozen now. It begins at once.",
    );
    expect(said({ status: "failed", failed_targets: 3 })).toContain("a new removal from just the 3 devices");
    expect(said({ status: "rolled_back" })).toContain("a new removal from all 20 devices");
  });

  it("starting with groups: that they are counted now", () => {
    const start = actionsOf(deployment({ total_targets: null, target_groups: ["north", "south"] }), OPERATOR)[0];
    expect(start?.consequences[0]).toContain("“north” and “south”, which are counted and frozen now");
  });

  it("rolling back: how many go back, and what becomes of the others", () => {
    const running = deployment({ status: "running", current_wave: 2, target_counts: mixed });
    const back = actionsOf(running, OPERATOR).find((action) => action.name === "rollback");
    expect(back?.consequences.slice(0, 2)).toEqual([
      "Returns 10 devices to what each ran before this deployment.",
      "Of 10 devices without an outcome, those already told are returned as well; the rest are not reached any more.",
    ]);
  });

  it("cancelling: that nothing goes back, and how many are not waited for", () => {
    const running = deployment({ status: "running", current_wave: 2, target_counts: mixed });
    const cancel = actionsOf(running, OPERATOR).find((action) => action.name === "cancel");
    expect(cancel?.consequences).toEqual([
      "Stops where it is: 10 devices without an outcome are not waited for any more.",
      "Every other device keeps what it runs, and can still be rolled back.",
    ]);
  });

  it("resuming after a breach: that its failures are accepted", () => {
    const config = { ...deployment().config, auto_rollback: false };
    const paused = deployment({ status: "paused", config, current_wave: 2, target_counts: mixed });
    expect(actionsOf(paused, OPERATOR)[0]?.consequences.at(-1)).toBe(
      "Accepts the 3 failures so far: they count as tolerated.",
    );
    expect(actionsOf(paused, OPERATOR)[0]?.body).toEqual({ accept_failures: true });
    expect(actionsOf(deployment({ status: "paused" }), OPERATOR)[0]?.body).toBeUndefined();
  });

  it("retrying what was rolled back: to all, and once", () => {
    const back = deployment({ status: "rolled_back", failed_targets: 1 });
    expect(actionsOf(back, OPERATOR)[0]?.consequences[0]).toContain("to all 20 devices");
    expect(actionsOf({ ...back, retried_by: "dep_2" }, OPERATOR)[0]?.refusal).toContain("dep_2");
  });

  it("retrying where offline devices were skipped: to those as well, also when none failed", () => {
    const config = { ...deployment().config, offline: "skip" as const };
    const skipped = deployment({
      status: "failed",
      config,
      failed_targets: 0,
      target_counts: { success: 3, skipped: 2 },
    });
    const [retry] = actionsOf(skipped, OPERATOR);
    expect(retry?.refusal).toBeNull();
    expect(retry?.consequences[1]).toBe("Devices that were skipped as offline are deployed to as well.");
    const [none] = actionsOf({ ...skipped, config: { ...config, offline: "wait" } }, OPERATOR);
    expect(none?.refusal).toContain("No device failed");
  });

  it("retrying: to just how many", () => {
    const failed = deployment({ status: "failed", failed_targets: 1 });
    expect(actionsOf(failed, OPERATOR)[0]?.consequences[0]).toContain("to just the 1 device that failed");
  });
});
