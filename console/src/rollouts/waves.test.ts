import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TargetStatus } from "../api/types";
import { deployment, history, target, waveEnded, waveStarted } from "../testing/fixtures";
import { counted, failureRate, NOTHING, size, sum, tallyOf, toneOf } from "./counts";
import { bucketsOf, cellsOf, countByWave, wavesOf, type Wave } from "./waves";

const STATUSES: TargetStatus[] = [
  "pending",
  "deploying",
  "staged",
  "success",
  "failed",
  "skipped",
  "rolled_back",
  "rollback_failed",
];

const running = deployment({
  status: "running",
  waves: 4,
  current_wave: 2,
  target_counts: { success: 6, failed: 1, open: 13 },
});

describe("the failure rate of a wave", () => {
  it("is of those that were not skipped as offline", () => {
    const tally = tallyOf({ success: 3, failed: 1, skipped: 6 });
    expect([counted(tally), failureRate(tally)]).toEqual([4, 25]);
    expect(failureRate(tallyOf({ skipped: 5 }))).toBe(0);
  });
});

describe("the waves of a rollout", () => {
  it("are none before its targets are known", () => {
    expect(wavesOf(deployment({ total_targets: null }), [])).toEqual([]);
    expect(wavesOf(deployment({ total_targets: 0 }), [])).toEqual([]);
  });

  it("give the one under way what those that ended do not explain", () => {
    const events = history(waveStarted(1, 5, 1), waveEnded(1, { success: 5 }, 1), waveStarted(2, 5, 1));
    const waves = wavesOf(running, events);
    expect(waves.map((wave) => wave.state)).toEqual(["ended", "running", "waiting", "waiting"]);
    expect(waves[1]).toMatchObject({ tolerated: 1, tally: { good: 1, bad: 1, busy: 3 } });
    expect(waves[3]).toMatchObject({ tolerated: null, tally: { waiting: 5 } });
  });

  it("mark the one that breached, until somebody accepts it", () => {
    const breach = { type: "breached", details: { wave: 1, total: 5, failed: 2, tolerated: 1 } } as const;
    const events = [waveStarted(1, 5, 1), waveEnded(1, { success: 3, failed: 2 }, 1), breach];
    expect(wavesOf(running, history(...events))[0]?.state).toBe("breached");
    const accepted = { type: "breach_accepted", details: { wave: 1, tolerated: 2 } } as const;
    expect(wavesOf(running, history(...events, accepted))[0]).toMatchObject({ state: "ended", tolerated: 2 });
  });

  it("of a canary rollout are the canaries, rounded up, and the rest", () => {
    const config = {
      timeout: "2h",
      auto_rollback: true,
      health_check: true,
      canary_percentage: 10,
      canary_delay: "30m",
    };
    const waves = wavesOf(deployment({ strategy: "canary", config, total_targets: 25 }), []);
    expect(waves.map((wave) => size(wave.tally))).toEqual([3, 22]);
  });

  it("of a blue-green rollout go over every target twice", () => {
    const bluegreen = deployment({
      strategy: "blue_green",
      status: "running",
      current_wave: 2,
      waves: 2,
      target_counts: { success: 8, staged: 12 },
    });
    const events = history(waveStarted(1, 20, 0), waveEnded(1, { staged: 20 }, 0), waveStarted(2, 20, 0));
    const waves = wavesOf(bluegreen, events);
    expect(waves[0]).toMatchObject({ state: "ended", tally: { staged: 20 } });
    expect(waves[1]).toMatchObject({ state: "running", tally: { good: 8, busy: 12, staged: 0 } });
  });

  it("hold every target exactly once, whatever the size of batches", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 10_000 }), (total, batch) => {
        const config = { ...deployment().config, batch_size: batch };
        const waves = wavesOf(deployment({ total_targets: total, config }), []);
        expect(size(sum(waves.map((wave) => wave.tally)))).toBe(total);
        expect(waves.every((wave) => size(wave.tally) >= 1 && size(wave.tally) <= batch)).toBe(true);
      }),
    );
  });

  it("never count more or fewer than the wave under way has", () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), (success, failed) => {
        const counts = { success, failed, open: Math.max(0, 20 - success - failed) };
        const waves = wavesOf({ ...running, target_counts: counts }, history(waveStarted(2, 5, 1)));
        expect(size(waves[1]?.tally ?? NOTHING)).toBe(5);
      }),
    );
  });
});

describe("counting targets by wave", () => {
  it("is exact, and leaves waves that have none as they were", () => {
    const waves = wavesOf(running, []);
    const counted = countByWave(waves, [target(1, "success"), target(2, "failed"), target(6, "deploying")]);
    expect(counted[0]?.tally).toEqual({ ...NOTHING, good: 1, bad: 1 });
    expect(counted[1]?.tally).toEqual({ ...NOTHING, busy: 1 });
    expect(counted[2]?.tally).toEqual(waves[2]?.tally);
  });
});

const waveList = fc
  .array(
    fc.record({
      state: fc.constantFrom("waiting", "running", "ended", "breached" as const),
      good: fc.nat(50),
      bad: fc.nat(5),
    }),
    {
      minLength: 1,
      maxLength: 3_000,
    },
  )
  .map((items) =>
    items.map(({ state, good, bad }, index): Wave => ({
      number: index + 1,
      state: state,
      tolerated: null,
      tally: { ...NOTHING, good, bad },
    })),
  );

describe("buckets of waves", () => {
  it("lose no wave and no target, and are never more than asked for", () => {
    fc.assert(
      fc.property(waveList, fc.integer({ min: 1, max: 200 }), (waves, most) => {
        const buckets = bucketsOf(waves, most);
        expect(buckets.length).toBeLessThanOrEqual(most);
        expect(sum(buckets.map((bucket) => bucket.tally))).toEqual(sum(waves.map((wave) => wave.tally)));
        expect(buckets.map((bucket) => bucket.first)).toEqual([
          1,
          ...buckets.slice(0, -1).map((bucket) => bucket.last + 1),
        ]);
        expect(buckets.at(-1)?.last).toBe(waves.length);
      }),
      { numRuns: 50 },
    );
  });

  it("show a breach however many waves ended well beside it", () => {
    fc.assert(
      fc.property(waveList, (waves) => {
        const breached = bucketsOf(waves, 1)[0]?.state === "breached";
        expect(breached).toBe(waves.some((wave) => wave.state === "breached"));
      }),
      { numRuns: 50 },
    );
  });
});

describe("cells of targets", () => {
  it("hold each target once, in order, in no more cells than asked for", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...STATUSES), { maxLength: 2_000 }),
        fc.integer({ min: 1, max: 500 }),
        (statuses, most) => {
          const targets = statuses.map((status, index) => target(index + 1, status));
          const cells = cellsOf(targets, most);
          expect(cells.length).toBeLessThanOrEqual(most);
          expect(cells.flatMap((cell) => cell.targets)).toEqual(targets);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("take the tone of the one that most needs a look", () => {
    const cells = cellsOf(
      [...Array.from({ length: 99 }, (_, n) => target(n + 1, "success")), target(100, "failed")],
      1,
    );
    expect(cells[0]).toMatchObject({ tone: "bad", tally: { good: 99, bad: 1 } });
  });
});

describe("tones", () => {
  it("count a status that is new among those not reached, so that none is lost", () => {
    expect(toneOf("quarantined")).toBe("waiting");
    expect(size(tallyOf({ open: 2, success: 3, ...{ quarantined: 4 } }))).toBe(9);
  });
});
