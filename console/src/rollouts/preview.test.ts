import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeploymentConfig, Strategy } from "../api/types";
import { STRATEGIES } from "../api/values";
import { fullWaves, idsIn, outlineOf, previewOf } from "./preview";
import { configOf, type Changes } from "./settings";

function config(strategy: Strategy, changes: Changes = {}): DeploymentConfig {
  const found = configOf(strategy, changes);
  if (found === null) throw new Error("settings with a fault");
  return found;
}

const ids = (count: number) => Array.from({ length: count }, (_, index) => `edge-${index + 1}`);
const nobody = () => false;
const offline =
  (...numbers: number[]) =>
  (id: string) =>
    numbers.some((number) => id === `edge-${number}`);

describe("who is in which wave", () => {
  it("is every device once and in order; for blue-green once in the staging and once in the switch", () => {
    const changes = fc.record({
      batch_size: fc.integer({ min: 1, max: 60 }).map(String),
      canary_percentage: fc.integer({ min: 1, max: 100 }).map(String),
    });
    fc.assert(
      fc.property(fc.constantFrom(...STRATEGIES), fc.nat({ max: 200 }), changes, (strategy, total, changed) => {
        const all = ids(total);
        const { waves } = previewOf(all, strategy, config(strategy, changed), nobody);
        const times = strategy === "blue_green" ? 2 : 1;
        expect(waves.flatMap((wave) => wave.devices)).toEqual(Array.from({ length: times }, () => all).flat());
        expect(waves.every((wave) => wave.devices.length > 0)).toBe(true);
      }),
    );
  });

  it("is by batches for rolling, and the first ones are the canaries, rounded up", () => {
    const sizes = (strategy: Strategy, total: number, changes: Changes) =>
      previewOf(ids(total), strategy, config(strategy, changes), nobody).waves.map((wave) => wave.devices.length);
    expect(sizes("rolling", 12, { batch_size: "5" })).toEqual([5, 5, 2]);
    expect(sizes("canary", 25, {})).toEqual([3, 22]);
    expect(sizes("canary", 1, {})).toEqual([1]);
    expect(sizes("all_at_once", 7, {})).toEqual([7]);
  });

  it("takes an id that is named twice once, whatever separates them", () => {
    expect(idsIn(" a, b\nc;a\t\tb\r\n ")).toEqual(["a", "b", "c"]);
    expect(idsIn(" \n")).toEqual([]);
  });
});

describe("how long it takes", () => {
  it("is at the defaults the waits between waves and the health windows, or every timeout", () => {
    const preview = previewOf(ids(25), "rolling", config("rolling"), nobody);
    expect(preview.waves.map((wave) => wave.begins)).toEqual([0, 330, 660]);
    expect(preview.soonest).toBe(3 * 30 + 2 * 300);
    expect(preview.longest).toBe(3 * 1_800 + 2 * 300);
  });

  it("counts no health window where there is none", () => {
    const soonest = (changes: Changes, removes = false) =>
      previewOf(ids(5), "all_at_once", config("all_at_once", changes), nobody, removes).soonest;
    expect(soonest({ health_window: "2m" })).toBe(120);
    expect(soonest({ health_check: "false" })).toBe(0);
    expect(soonest({ health_window: "2m" }, true)).toBe(0);
  });

  it("is never longer at the soonest than at the longest", () => {
    fc.assert(
      fc.property(fc.constantFrom(...STRATEGIES), fc.nat({ max: 100 }), (strategy, total) => {
        const { soonest, longest } = previewOf(ids(total), strategy, config(strategy), nobody);
        expect(soonest).toBeLessThanOrEqual(longest);
      }),
    );
  });
});

describe("what is said while nobody knows who is in the groups", () => {
  const changes = fc.record({
    batch_size: fc.integer({ min: 1, max: 30 }).map(String),
    canary_percentage: fc.integer({ min: 1, max: 100 }).map(String),
  });
  const cases = [
    fc.constantFrom(...STRATEGIES),
    fc.nat({ max: 60 }),
    fc.integer({ min: 1, max: 60 }),
    changes,
  ] as const;

  it("of the number of waves and of times is true whoever is in them", () => {
    fc.assert(
      fc.property(...cases, fc.boolean(), (strategy, named, members, changed, removes) => {
        const settings = config(strategy, changed);
        const { waves, times, delay } = outlineOf(strategy, settings, removes);
        const all = previewOf(ids(named + members), strategy, settings, nobody, removes);
        const count = all.waves.length;
        if (waves === null) {
          expect(all.soonest).toBe(count * times.soonest + (count - 1) * delay);
          expect(all.longest).toBe(count * times.longest + (count - 1) * delay);
        } else if (waves === count) {
          expect([all.soonest, all.longest]).toEqual([times.soonest, times.longest]);
        } else {
          // All of them are canaries, because they are few.
          expect([strategy, count]).toEqual(["canary", 1]);
        }
      }),
    );
  });

  it("of the waves that the devices named fill is true as well", () => {
    fc.assert(
      fc.property(...cases, (strategy, named, members, changed) => {
        const settings = config(strategy, changed);
        const isOffline = (id: string) => id.endsWith("3");
        const full = fullWaves(previewOf(ids(named), strategy, settings, isOffline), settings);
        const all = previewOf(ids(named + members), strategy, settings, isOffline);
        expect(all.waves.slice(0, full.length)).toEqual(full);
      }),
    );
  });
});

describe("offline devices", () => {
  it("are counted in their wave", () => {
    const preview = previewOf(ids(25), "rolling", config("rolling"), offline(3, 11, 12, 99));
    expect(preview.waves.map((wave) => wave.offline)).toEqual([1, 2, 0]);
    expect(preview.offline).toEqual(["edge-3", "edge-11", "edge-12"]);
  });

  it("are a breach when more of them are waited for than may fail: exactly the threshold goes on", () => {
    const risks = (...numbers: number[]) =>
      previewOf(ids(10), "rolling", config("rolling"), offline(...numbers)).waves.map((wave) => wave.risk);
    expect(risks(1, 2)).toEqual([null]);
    expect(risks(1, 2, 3)).toEqual(["breach"]);
    const canary = previewOf(ids(10), "canary", config("canary"), offline(1));
    expect(canary.waves.map((wave) => wave.risk)).toEqual(["breach", null]);
  });

  it("that are skipped are no breach, but leave nobody, or no canary", () => {
    const skips = { offline: "skip", batch_size: "2" };
    const risks = (strategy: Strategy, total: number, ...numbers: number[]) =>
      previewOf(ids(total), strategy, config(strategy, skips), offline(...numbers)).waves.map((wave) => wave.risk);
    expect(risks("rolling", 4, 1, 3, 4)).toEqual([null, "nobody"]);
    expect(risks("canary", 20, 1, 2)).toEqual(["no_canary", null]);
    expect(risks("canary", 20, 2)).toEqual([null, null]);
    expect(risks("canary", 1, 1)).toEqual(["nobody"]);
    expect(risks("blue_green", 2, 1)).toEqual([null, null]);
  });

  it("that are skipped at the staging are not switched", () => {
    const preview = previewOf(ids(3), "blue_green", config("blue_green", { offline: "skip" }), offline(2));
    expect(preview.waves.map((wave) => wave.devices)).toEqual([ids(3), ["edge-1", "edge-3"]]);
  });

  it("that are skipped do not count for what may fail", () => {
    const preview = previewOf(ids(10), "rolling", config("rolling", { offline: "skip" }), offline(1));
    expect(preview.waves[0]?.tolerated).toBe(1);
  });
});
