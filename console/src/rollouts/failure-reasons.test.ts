import { describe, expect, it } from "vitest";
import { history, target } from "../testing/fixtures";
import { countReasons } from "./failure-reasons";

describe("why devices failed", () => {
  it("is not that there was nothing to remove, which is a success", () => {
    const details = {
      attempt: null,
      target_counts: { success: 5, failed: 1 },
      reason_counts: { not_installed: 5, timed_out: 1 },
      failed_targets: [],
    };
    expect(countReasons(history({ type: "failed", details }), [])).toEqual([["timed_out", 1]]);
    const targets = [target(1, "success", { reason: "not_installed" }), target(2, "failed", { reason: "timed_out" })];
    expect(countReasons([], targets)).toEqual([["timed_out", 1]]);
  });

  it("is not that they were skipped: nobody told them anything", () => {
    const details = {
      attempt: 1,
      target_counts: { rolled_back: 1, skipped: 11 },
      reason_counts: { not_reached: 9, offline: 2, unhealthy: 1 },
      failed_targets: [],
    };
    expect(countReasons(history({ type: "rolled_back", details }), [])).toEqual([["unhealthy", 1]]);
  });
});
