import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FLOW_STATUSES } from "../api/values";
import { askedBy, canMatch, isFiltered, readFilters, statesOf, statusOf } from "./filters";

describe("the filters of the list's address", () => {
  it("are asked for by the API's own names, days as moments of whoever looks", () => {
    const filters = readFilters({
      status: "archived,draft",
      name: 7,
      tag: "water",
      from: "2026-11-01",
      to: "2026-11-30",
      sort: "oldest",
    });
    expect(askedBy(filters)).toEqual({
      status: ["draft", "archived"],
      name: "7",
      tag: "water",
      created_from: new Date(2026, 10, 1).toISOString(),
      created_to: new Date(2026, 11, 1).toISOString(), // what was created on the last day is in the list
      sort: "oldest",
    });
  });

  it("ask for nothing where there are none, and one that orders alone leaves nothing out", () => {
    expect(Object.values(askedBy(readFilters({}))).every((value) => value === undefined)).toBe(true);
    expect(isFiltered(readFilters({ sort: "oldest" }))).toBe(false);
    expect(isFiltered(readFilters({ tag: "water" }))).toBe(true);
  });

  it.each([
    { status: "painted" },
    { status: 7 },
    { status: "draft,published" },
    { name: true },
    { tag: " " },
    { from: "2026-02-30" },
    { from: "0202-11-01" },
    { to: "yesterday" },
    { to: 2026 },
  ])("that cannot be meant, or leave nothing out, count as none: %j", (search) => {
    expect(isFiltered(readFilters(search))).toBe(false);
  });

  it("tell what no flow can be", () => {
    expect(canMatch({ from: "2026-11-30", to: "2026-11-30" })).toBe(true);
    expect(canMatch({ from: "2026-12-01", to: "2026-11-30" })).toBe(false);
    expect(canMatch({ name: "x".repeat(129) })).toBe(false);
    expect(canMatch({ tag: "x".repeat(65) })).toBe(false);
    expect(canMatch({})).toBe(true);
  });

  it("say the states that are chosen, in one way; none are those that are listed anyway", () => {
    fc.assert(
      fc.property(fc.subarray([...FLOW_STATUSES]), (states) => {
        const { status } = readFilters({ status: statusOf(states) });
        expect(statesOf({ status })).toEqual(states.length === 0 ? ["draft", "published"] : states);
      }),
    );
  });
});
