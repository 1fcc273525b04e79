import fc from "fast-check";
import { describe, expect, it } from "vitest";
import page from "../../../docs/api.md?raw";
import type { DeploymentStatus, WaitsFor } from "../api/types";
import { DEPLOYMENT_STATUSES } from "../api/values";
import { deployment, history, target, waveStarted } from "../testing/fixtures";
import { ACTIONS, actionsOf, ALLOWED, type ActionName } from "./actions";
import type { Known } from "./late";

const OPERATOR = { name: "alice", groups: ["operator"] };

const known = (fields: Partial<Known>): Known => ({ events: [], targets: [], complete: false, ...fields });

type Fields = Parameters<typeof deployment>[0];

function action(name: ActionName, fields: Fields, more: Partial<Known> = {}) {
  const found = actionsOf(deployment(fields), OPERATOR, known(more)).find((one) => one.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

const said = (name: ActionName, fields: Fields, more: Partial<Known> = {}) =>
  action(name, fields, more).options[0].consequences;

function offered(fields: Fields, more: Partial<Known> = {}): string[] {
  return actionsOf(deployment(fields), OPERATOR, known(more))
    .filter(({ refusal }) => refusal === null)
    .map(({ label }) => label);
}

/** The table of requests and statuses in docs/api.md: what each answers in each status. */
function documented(): Map<string, Map<string, string>> {
  const lines = page
    .split("\n")
    .filter((line) => line.startsWith("| `POST …/") || line.startsWith("| request | pending"));
  const [head, ...rows] = lines.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return new Map(
    rows.map(([request = "", ...cells]) => [
      request.replaceAll(/[`]|POST …\//g, ""),
      new Map(
        cells.flatMap((cell, index) =>
          (head?.[index + 1] ?? "").split(", ").map((status): [string, string] => [status, cell]),
        ),
      ),
    ]),
  );
}

describe("what can be done", () => {
  it("is what docs/api.md says, in every status", () => {
    const table = documented();
    expect([...table.keys()]).toEqual(["start", "pause", "resume", "cancel", "rollback"]);
    for (const [name, byStatus] of table) {
      const does = DEPLOYMENT_STATUSES.filter((status) => !/409|is a repeat/.test(byStatus.get(status) ?? ""));
      expect([name, [...ALLOWED[name as ActionName]].toSorted()]).toEqual([name, does.toSorted()]);
    }
  });

  it.each([
    ["pending", ["Start", "Cancel rollout"]],
    ["running", ["Pause", "Cancel rollout", "Roll back"]],
    ["paused", ["Resume", "Cancel rollout", "Roll back"]],
    ["completed", ["Roll back"]],
    ["failed", ["Retry", "Roll back"]],
    ["cancelling", []],
    ["cancelled", []],
    ["rolling_back", []],
    ["rolled_back", ["Retry"]],
  ] as const)("when it is %s", (status, labels) => {
    expect(offered({ status, failed_targets: 1 })).toEqual(labels);
  });

  it("is refused with a reason wherever it cannot be done, and says beforehand what it does wherever it can", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...DEPLOYMENT_STATUSES),
        fc.constantFrom(...ACTIONS),
        fc.constantFrom("rolling", "canary", "blue_green", "all_at_once"),
        fc.option(fc.nat({ max: 20 }), { nil: null }),
        (status, name, strategy, total) => {
          const one = action(name, { status, strategy, total_targets: total });
          if (one.refusal !== null) expect(one.refusal).toMatch(/^[A-Z].*\.$/);
          for (const { consequences } of one.options) {
            expect(consequences.length).toBeGreaterThan(0);
            for (const sentence of consequences) expect(sentence).toMatch(/^[A-Z0-9].*\.$/);
          }
          expect(one.fits || one.refusal !== null).toBe(true);
        },
      ),
    );
  });

  it("is a rollback of what was cancelled under way, and of nothing that never started", () => {
    expect(offered({ status: "cancelled", started_at: deployment().created_at })).toEqual(["Roll back"]);
    expect(action("rollback", { status: "cancelled" }).refusal).toContain("before it started");
  });

  it("is a rollback of what was rolled back, for devices that took the version up late and are not back yet", () => {
    const back = { status: "rolled_back", rollbacks: 1 } as const;
    const planned = {
      type: "rollback_planned",
      details: { attempt: 1, jobs: 3, returned_already: 0, moved_on: 0 },
    } as const;
    const late = (number: number) =>
      ({
        type: "reached_late",
        details: { wave: 1, device_id: target(number, "failed").device_id, version: 4 },
      }) as const;
    expect(action("rollback", back).refusal).toContain("rolled back already");
    expect(action("rollback", back, { events: history(late(1), planned) }).refusal).toContain("rolled back already");
    const events = history(planned, late(1));
    const targets = [
      target(1, "failed", { reached_late: true }),
      target(2, "skipped", { reached_late: true }),
      target(3, "rolled_back", { reached_late: true }),
    ];
    expect(said("rollback", back, { events, targets })[0]).toMatch(/^Returns 2 devices that took the version up after/);
  });

  it("is to promote while a wait between waves is under way alone, and says else what is waited for", () => {
    const waits = (what: WaitsFor["what"]) => ({
      what,
      wave: 1,
      devices: null,
      until: null,
      then: "",
      overdue: false,
      sentence: "3 of 5 devices",
    });
    for (const what of ["batch_delay", "canary_delay", "switch_delay"] as const) {
      expect(offered({ status: "running", waits_for: waits(what) })).toContain("Promote");
    }
    const refused = action("promote", { status: "running", waits_for: waits("reports") });
    expect(refused.refusal).toBe("No wait between waves is under way; it waits for 3 of 5 devices.");
  });

  it("is refused to whoever is no operator, with the reason", () => {
    const actions = actionsOf(deployment({ status: "running" }), { name: "eve", groups: ["viewer"] });
    expect(actions.filter(({ fits }) => fits).map(({ refusal }) => refusal)).toEqual([
      "Needs the group “operator”; you are in “viewer”.",
      "Needs the group “operator”; you are in “viewer”.",
      "Needs the group “operator”; you are in “viewer”.",
    ]);
  });

  it("is no second retry, and no retry of nothing", () => {
    const failed = { status: "failed", failed_targets: 3 } as const;
    expect(action("retry", { ...failed, retried_by: "dep_2" }).refusal).toContain("dep_2");
    expect(action("retry", { status: "failed" }).refusal).toContain("No device failed");
    expect(action("retry", { status: "rolled_back", retried_by: "dep_2" }).refusal).toContain("dep_2");
  });
});

describe("what it will do is said beforehand", () => {
  const mixed = { success: 7, staged: 0, failed: 3, open: 10 };
  const running = { status: "running", current_wave: 2, target_counts: mixed } as const;

  it("starting: to how many devices, in which way, and what a breach does", () => {
    expect(said("start", {})).toEqual([
      "Deploys version 4 to 20 devices. It begins at once.",
      "Batches of 5 devices, 5m apart; a batch of which more than 20 % fail is a breach.",
      "A breach rolls everything back without asking.",
    ]);
  });

  it("starting or retrying a removal: that it takes the flow off", () => {
    const removal = { action: "remove", flow_version: null } as const;
    expect(said("start", removal)[0]).toBe("Takes the flow off 20 devices. It begins at once.");
    expect(said("start", { ...removal, total_targets: null, target_groups: ["north"] })[0]).toBe(
      "Takes the flow off the devices of “north”, which are counted and frozen now. It begins at once.",
    );
    expect(said("retry", { ...removal, status: "failed", failed_targets: 3 })[0]).toContain(
      "a new removal from just the 3 devices",
    );
    expect(said("retry", { ...removal, status: "rolled_back" })[0]).toContain("a new removal from all 20 devices");
    expect(said("rollback", { ...removal, ...running })).toContain(
      "Devices that did not have the flow are left alone.",
    );
  });

  it("starting with groups: that they are counted now", () => {
    expect(said("start", { total_targets: null, target_groups: ["north", "south"] })[0]).toContain(
      "“north” and “south”, which are counted and frozen now",
    );
  });

  it("promoting: which wave begins, and for how many devices", () => {
    const waits = {
      what: "canary_delay" as const,
      wave: 1,
      devices: null,
      until: null,
      then: "",
      overdue: false,
      sentence: "",
    };
    expect(said("promote", { ...running, current_wave: 1, waits_for: waits })[0]).toBe(
      "Ends the wait now: wave 2 begins at once; 10 devices have no outcome yet.",
    );
    const staged = { ...running, strategy: "blue_green", target_counts: { staged: 20 } } as const;
    expect(said("promote", { ...staged, waits_for: { ...waits, what: "switch_delay" } })[0]).toBe(
      "Ends the wait now: 20 devices switch over at once.",
    );
  });

  it("rolling back: how many go back, and what becomes of the others", () => {
    for (const status of ["running", "paused"] as const) {
      expect(said("rollback", { ...running, status }).slice(0, 2)).toEqual([
        "Returns 10 devices to what each ran before this deployment.",
        "Of 10 devices without an outcome, those already told are returned as well; the rest are not reached any more.",
      ]);
    }
  });

  it("cancelling: that nothing goes back, and how many are not waited for", () => {
    expect(said("cancel", running)).toEqual([
      "Stops where it is: 10 devices without an outcome are not waited for any more.",
      "Every other device keeps what it runs, and can still be rolled back.",
    ]);
  });

  it("resuming after a breach: that its failures are accepted, and how many; and only then", () => {
    const config = { ...deployment().config, auto_rollback: false };
    const paused = { status: "paused", config, current_wave: 2, target_counts: mixed } as const;
    const breached = { type: "breached", details: { wave: 2, total: 5, failed: 2, tolerated: 1 } } as const;
    const accepted = { type: "breach_accepted", details: { wave: 2, tolerated: 2 } } as const;
    const after = { events: history(waveStarted(1, 5, 1), breached) };
    expect(said("resume", paused, after).at(-1)).toBe(
      "Accepts the 2 failures of wave 2, which exceed its threshold: they count as tolerated.",
    );
    expect(action("resume", paused, after).call("default").body).toEqual({ accept_failures: true });
    // Failures within the threshold need nobody's word; accepting them unseen would accept a breach that comes meanwhile.
    expect(action("resume", paused).call("default").body).toBeUndefined();
    expect(action("resume", paused, { events: history(breached, accepted) }).call("default").body).toBeUndefined();
  });

  it("resuming where no canary was connected: that it looks again", () => {
    const offline = { type: "paused", details: { cause: "offline" } } as const;
    expect(said("resume", { status: "paused" }, { events: history(offline) }).at(-1)).toContain("Looks again");
  });
});

describe("a retry", () => {
  const ways = (fields: Fields, more: Partial<Known> = {}) => {
    const retry = action("retry", fields, more);
    return retry.options.map(({ value, consequences }) => [retry.call(value).body, consequences[0]]);
  };
  const skipping = { ...deployment().config, offline: "skip" as const };
  const skipped = {
    events: history({ type: "wave_started", details: { wave: 1, total: 5, tolerated: 1, offline: 2 } }),
  };

  it("of what failed goes to just those", () => {
    expect(ways({ status: "failed", failed_targets: 1 })).toEqual([
      [{ only: ["failed"] }, "Creates a new deployment of version 4 to just the 1 device that failed, and starts it."],
    ]);
  });

  it("reaches those skipped as offline, together or alone, also when none failed", () => {
    const counts = { success: 15, failed: 3, skipped: 2 };
    const failed = { status: "failed", config: skipping, failed_targets: 3, target_counts: counts } as const;
    expect(ways(failed, skipped).map(([body]) => body)).toEqual([
      undefined,
      { only: ["failed"] },
      { only: ["offline"] },
    ]);
    expect(ways(failed, skipped)[0]?.[1]).toContain("the 3 devices that failed and the 2 that were skipped as offline");
    expect(ways({ ...failed, failed_targets: 0 }, skipped)).toEqual([
      [
        { only: ["offline"] },
        "Creates a new deployment of version 4 to just the 2 devices that were skipped as offline, and starts it.",
      ],
    ]);
  });

  it("claims nothing about who was offline before the history is there", () => {
    const counts = { success: 15, failed: 3, skipped: 2 };
    const failed = { status: "failed", config: skipping, failed_targets: 3, target_counts: counts } as const;
    expect(ways(failed)[0]?.[1]).toContain("and those that were skipped as offline");
  });

  it("of what was rolled back goes to all, or to those that had failed by themselves", () => {
    const back = { status: "rolled_back" } as const;
    const targets = [
      target(1, "rolled_back", { reason: "unhealthy" }),
      target(2, "rolled_back", { reason: "aborted" }),
      target(3, "rolled_back"),
      target(4, "rollback_failed", { reason: "timed_out" }),
    ];
    const events = history(waveStarted(1, 5, 1));
    expect(ways(back, { targets, complete: true, events })).toEqual([
      [undefined, "Creates a new deployment of version 4 to all 20 devices, and starts it."],
      [{ only: ["failed"] }, "Creates a new deployment of version 4 to just the 2 devices that failed, and starts it."],
    ]);
    // Where offline devices are waited for nobody is skipped as offline, whether the history is there or not.
    expect(ways(back).map(([body]) => body)).toEqual([undefined, { only: ["failed"] }]);
    expect(ways(back, { targets: [target(3, "rolled_back")], complete: true, events })).toHaveLength(1);
  });
});

describe("statuses", () => {
  it("that a newer API made up admit nothing, and say so", () => {
    const actions = actionsOf(deployment({ status: "exploded" as DeploymentStatus }), OPERATOR);
    expect(actions.every(({ refusal }) => refusal?.startsWith("It is exploded; "))).toBe(true);
  });
});
