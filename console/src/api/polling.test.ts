import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ApiError } from "./errors";
import { CALM, LIVE, pause, pauseAfterFailure, requestsAtRest, Unchanged } from "./polling";
import { interval } from "./queries";

describe("the pause between questions", () => {
  it("grows while nothing changes, and ends at the limit", () => {
    expect([0, 1, 2, 10].map((unchanged) => pause(LIVE, unchanged))).toEqual([2_000, 3_000, 4_500, 20_000]);
  });

  it("never shrinks as more answers are unchanged", () => {
    fc.assert(fc.property(fc.nat(500), (unchanged) => pause(LIVE, unchanged + 1) >= pause(LIVE, unchanged)));
  });

  it("heeds the time that the API names", () => {
    expect(pauseAfterFailure(LIVE, 1, 30)).toBe(30_000);
    expect(pauseAfterFailure(LIVE, 9, 1)).toBe(20_000);
  });

  it("costs a counted number of requests an hour at rest", () => {
    expect(requestsAtRest(LIVE)).toBe(184);
    expect(requestsAtRest(CALM)).toBe(34);
  });
});

describe("counting answers that are as the one before", () => {
  it("starts over at a change, and counts an answer once however often it is asked about", () => {
    const unchanged = new Unchanged();
    const first = {};
    const told = [1, 2, 2, 3].map((updates) => unchanged.count("a", first, updates));
    expect(told).toEqual([0, 1, 1, 2]);
    expect(unchanged.count("a", {}, 4)).toBe(0);
    expect(unchanged.count("b", first, 9)).toBe(0);
  });

  it("starts over when the page has forgotten the thing in between", () => {
    const unchanged = new Unchanged();
    const data = {};
    unchanged.count("a", data, 5);
    expect(unchanged.count("a", data, 1)).toBe(0);
  });
});

describe("the interval of a query", () => {
  const state = { data: undefined, dataUpdateCount: 0, error: null, fetchFailureCount: 0 };
  type Asked = Parameters<typeof interval>[0];

  it("backs off after failures", () => {
    const error = new ApiError({ status: 503, code: "unavailable", message: "busy", retryAfter: 9 });
    const query = { queryHash: "failing", state: { ...state, error, fetchFailureCount: 1 } } as unknown as Asked;
    expect(interval(query, LIVE)).toBe(9_000);
  });

  it("backs off while the answer stays the same object", () => {
    const data = {};
    const pauses = [1, 2, 3].map((dataUpdateCount) =>
      interval({ queryHash: "same", state: { ...state, data, dataUpdateCount } } as unknown as Asked, LIVE),
    );
    expect(pauses).toEqual([2_000, 3_000, 4_500]);
  });
});
