import { render, screen } from "@testing-library/react";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytes, percent, plural, span } from "../wording";
import { fromNow, Time } from "./time";

describe("times", () => {
  it("are shown in the user's zone, and in UTC on hover", () => {
    render(<Time at="2026-11-28T23:30:05.123Z" />);
    const time = screen.getByText(/2026/);
    expect(time).toHaveAttribute("dateTime", "2026-11-28T23:30:05.123Z");
    expect(time).toHaveAttribute("title", "2026-11-28 23:30:05 UTC");
  });

  it("that are not known are a dash", () => {
    render(<Time at={null} />);
    expect(screen.getByText("–")).toBeVisible();
  });

  it.each([
    [-40, "40 sec ago"],
    [0, "now"],
    [-3 * 60 - 5, "3 min ago"],
    [2 * 3_600, "in 2 hr"],
    [-86_400, "yesterday"],
  ])("%d seconds from now reads %s", (seconds, words) => {
    expect(fromNow(seconds * 1_000, 0)).toBe(words);
  });
});

describe("measures", () => {
  it.each([
    [0, "0 B"],
    [1_023, "1,020 B"],
    [1_536, "1.5 KiB"],
    [31_138_512_896, "29 GiB"],
  ])("%d bytes read %s", (count, words) => {
    expect(bytes(count)).toBe(words);
  });

  it.each([
    [0, "0 s"],
    [59.6, "1 min"],
    [3_725, "1 h 2 min"],
    [86_401, "1 d 1 s"],
  ])("%d seconds read %s", (seconds, words) => {
    expect(span(seconds)).toBe(words);
  });

  it("say 0 % of nothing alone, and 100 % of all alone", () => {
    expect([0, 0.001, 33.333, 99.999, 100].map(percent)).toEqual(["0 %", "< 0.1 %", "33.3 %", "> 99.9 %", "100 %"]);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 100, noNaN: true }), (value) => {
        expect(percent(value) === "0 %").toBe(value === 0);
        expect(percent(value) === "100 %").toBe(value === 100);
      }),
    );
  });

  it("have a plural", () => {
    expect([plural(1, "wave"), plural(2_000, "wave")]).toEqual(["1 wave", "2,000 waves"]);
  });
});
