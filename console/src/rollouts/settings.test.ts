import { describe, expect, it } from "vitest";
import page from "../../../docs/api.md?raw";
import { STRATEGIES } from "../api/values";
import { texts } from "../texts";
import { changedConfig, configOf, faultOf, SETTING_NAMES, SETTINGS, USUAL_HEALTH_WINDOW } from "./settings";

/** The table of settings in docs/api.md: of each setting the default of each strategy, "–" where it has none. */
function documented(): Record<string, Record<string, string>> {
  const start = page.indexOf("| setting | all_at_once");
  const lines = page.slice(start, page.indexOf("\n<!-- end of settings", start)).split("\n");
  const [head = [], , ...rows] = lines.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return Object.fromEntries(
    rows.map(([about = "", ...cells]) => [
      /`(\w+)`/.exec(about)?.[1] ?? about,
      Object.fromEntries(cells.map((cell, index) => [head[index + 1] ?? "", cell.replaceAll("`", "")])),
    ]),
  );
}

describe("the settings of a strategy", () => {
  it("and their defaults are those of docs/api.md", () => {
    const table = documented();
    expect(Object.keys(table).toSorted()).toEqual(SETTING_NAMES.toSorted());
    for (const name of SETTING_NAMES) {
      for (const strategy of STRATEGIES) {
        const cell = table[name]?.[strategy];
        if (name === "health_window") {
          expect(cell).toBe("null");
          expect(table[name]?.["what it is"]).toContain(`, ${USUAL_HEALTH_WINDOW} as it comes`);
          expect(SETTINGS[name].defaults[strategy]).toBe("");
        } else expect([name, strategy, SETTINGS[name].defaults[strategy] ?? "–"]).toEqual([name, strategy, cell]);
      }
    }
  });

  it("have all a label and a hint", () => {
    expect(Object.keys(texts.newRollout.settings).toSorted()).toEqual(SETTING_NAMES.toSorted());
  });

  it.each(STRATEGIES)("of %s are fine as they come, and are not sent then", (strategy) => {
    expect(configOf(strategy, {})).not.toBeNull();
    expect(changedConfig(strategy, {}, false)).toEqual({});
  });

  it("are sent as the API types them, and only those of the strategy", () => {
    const changes = { batch_size: "3", auto_rollback: "false", offline: "skip", timeout: "45m", canary_delay: "1m" };
    expect(changedConfig("rolling", changes, false)).toEqual({
      batch_size: 3,
      auto_rollback: false,
      offline: "skip",
      timeout: "45m",
    });
  });

  it("have no health window where nobody looks at health, or the flow is removed", () => {
    expect(changedConfig("rolling", { health_window: "2m" }, false)).toEqual({ health_window: "2m" });
    expect(changedConfig("rolling", { health_window: "2m" }, true)).toEqual({});
    expect(changedConfig("rolling", { health_window: "2m", health_check: "false" }, false)).toEqual({
      health_check: false,
    });
  });

  it.each([
    ["timeout", "0s", false],
    ["timeout", "1s", true],
    ["timeout", "7d", true],
    ["timeout", "7d1s", false],
    ["timeout", "", false],
    ["timeout", "30", false],
    ["timeout", "5m1h", false],
    ["timeout", "٣m", false],
    ["batch_delay", "0s", true],
    ["health_window", "", true],
    ["health_window", "0s", false],
    ["health_window", "1h", true],
    ["health_window", "1h1s", false],
    ["batch_size", "0", false],
    ["batch_size", "1", true],
    ["batch_size", "10000", true],
    ["batch_size", "10001", false],
    ["batch_size", "1.5", false],
    ["failure_threshold", "0", true],
    ["failure_threshold", "100", true],
    ["failure_threshold", "101", false],
    ["canary_percentage", "0", false],
  ] as const)("%s of “%s” is fine: %s", (name, text, fine) => {
    expect(faultOf(name, text) === null).toBe(fine);
  });
});
