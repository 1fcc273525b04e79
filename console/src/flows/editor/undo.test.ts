import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { begin, MOST_STEPS, record, redo, undo } from "./undo";

describe("undo", () => {
  it("goes back and forth step by step", () => {
    const timeline = record(record(begin("a"), "b"), "c");
    expect(undo(timeline).present).toBe("b");
    expect(redo(undo(timeline)).present).toBe("c");
    expect(undo(undo(undo(timeline))).present).toBe("a");
  });

  it("takes letters typed into one field for one step, until something else comes between", () => {
    let timeline = record(record(begin("a"), "b", "name"), "bc", "name");
    expect(undo(timeline).present).toBe("a");
    timeline = record(record(timeline, "x"), "xy", "name");
    expect(undo(timeline).present).toBe("x");
  });

  it("starts a new step where somebody went back meanwhile", () => {
    const back = undo(record(record(begin("a"), "b"), "c", "name"));
    expect(undo(record(back, "d", "name")).present).toBe("b");
  });

  it("forgets what was undone as soon as something else is done", () => {
    const timeline = record(undo(record(begin("a"), "b")), "c");
    expect(redo(timeline)).toBe(timeline);
  });

  it("takes no step where nothing changed", () => {
    const timeline = begin("a");
    expect(record(timeline, "a")).toBe(timeline);
    expect(undo(timeline)).toBe(timeline);
  });

  it("keeps so many steps and no more", () => {
    let timeline = begin(0);
    for (let step = 1; step <= MOST_STEPS + 10; step += 1) timeline = record(timeline, step);
    expect(timeline.past.length).toBe(MOST_STEPS);
  });

  it("and redo lead back to where they began", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 20 }), fc.nat(30), (states, steps) => {
        const timeline = states.reduce((all, state) => record(all, state), begin(-1));
        let there = timeline;
        const count = Math.min(steps, timeline.past.length);
        for (let step = 0; step < count; step += 1) there = undo(there);
        for (let step = 0; step < count; step += 1) there = redo(there);
        expect([there.present, there.past]).toEqual([timeline.present, timeline.past]);
      }),
    );
  });
});
