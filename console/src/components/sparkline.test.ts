import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineOf } from "./sparkline";

describe("the line of a course", () => {
  it("goes from the oldest to the newest, and is highest where most was read", () => {
    const points = [
      { at: 0, level: 10 },
      { at: 50, level: 30 },
      { at: 100, level: 20 },
    ];
    expect(lineOf(points)).toBe("2,18 60,2 118,10");
  });

  it("is level where all readings are alike", () => {
    expect(
      lineOf([
        { at: 0, level: 7 },
        { at: 9, level: 7 },
      ]),
    ).toBe("2,10 118,10");
  });

  it("never leaves the drawing", () => {
    const point = fc.record({ at: fc.nat(), level: fc.double({ noNaN: true, min: -1e9, max: 1e9 }) });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1 }), (points) => {
        const numbers = lineOf(points)
          .split(" ")
          .map((pair) => pair.split(",").map(Number));
        return numbers.every(([x = -1, y = -1]) => x >= 0 && x <= 120 && y >= 0 && y <= 20);
      }),
    );
  });
});
