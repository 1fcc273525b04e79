import { describe, expect, it } from "vitest";
import { askedBy, canMatch, isFiltered, readFilters } from "./filters";

describe("the filters of the fleet's address", () => {
  it("are asked for by the API's own names", () => {
    const filters = readFilters({
      connection: "disconnected",
      health: "unhealthy",
      flow: "flow_1",
      version: 3,
      text: 7,
    });
    expect(askedBy(filters)).toEqual({
      connected: "false",
      health: "unhealthy",
      flow_id: "flow_1",
      version: 3,
      text: "7",
    });
    expect(askedBy(readFilters({ connection: "unheard" })).connected).toBe("unknown");
  });

  it.each([
    { connection: "maybe" },
    { health: "fine" },
    { flow: "' or 1=1" },
    { version: 3 },
    { flow: "!", version: 3 },
    { text: true },
  ])("that cannot be meant count as none: %j", (search) => {
    expect(isFiltered(readFilters(search))).toBe(false);
  });

  it.each([0, -1, 1.5, "x", 100_000_000])("leave out what is no version: %s", (version) => {
    expect(readFilters({ flow: "flow_1", version })).toMatchObject({ flow: "flow_1", version: undefined });
  });

  it("tell a text that no id has", () => {
    expect(canMatch({ text: "edge:1_A-b" })).toBe(true);
    expect(canMatch({ text: "edge 1" })).toBe(false);
    expect(canMatch({})).toBe(true);
  });
});
