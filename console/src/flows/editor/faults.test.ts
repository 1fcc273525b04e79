import { describe, expect, it } from "vitest";
import { DEFINITION } from "../../testing/fixtures";
import { faultsOfCheck, faultsOfNode, placeFaults } from "./faults";

function placed(pointer: string) {
  const [fault] = placeFaults([{ pointer, detail: "Is wrong." }], DEFINITION);
  return [fault?.nodeId, fault?.setting];
}

describe("the faults of a publish", () => {
  it.each([
    ["/definition/nodes/2/config/topic", ["publish", "topic"]],
    ["/definition/nodes/1/config/rules/0/port", ["check", "rules"]],
    ["/definition/nodes/1/config/a~1b", ["check", "a/b"]],
    ["/definition/nodes/3", ["log", null]],
    ["/definition/nodes/3/type", ["log", null]],
    ["/definition/connections/1/target", ["check", null]],
    ["/definition/nodes/9/config/pin", [null, null]],
    ["/definition/nodes/x", [null, null]],
    ["/definition/variables/0/value", [null, null]],
    ["/name", [null, null]],
    ["", [null, null]],
  ])("at %s are those of %j", (pointer, expected) => {
    expect(placed(pointer)).toEqual(expected);
  });

  it("of a health check are told by its name and by the setting", () => {
    const faults = placeFaults(
      [
        { pointer: "/definition/health_checks/0/within", detail: "Too long." },
        { pointer: "/definition/health_checks/0", detail: "Is no check." },
        { pointer: "/definition/health_checks/7/within", detail: "Of none." },
      ],
      DEFINITION,
    );
    expect([...faultsOfCheck(faults, "readings")]).toEqual([
      ["within", ["Too long."]],
      ["", ["Is no check."]],
    ]);
    expect(faults[2]).toMatchObject({ nodeId: null, check: null });
  });

  it("are all kept, also those that belong to no node", () => {
    const faults = placeFaults(
      [
        { pointer: "/definition/nodes", detail: "One." },
        { pointer: "/definition/nodes/0/config/pin", detail: "Two." },
      ],
      DEFINITION,
    );
    expect(faults.map(({ detail }) => detail)).toEqual(["One.", "Two."]);
    expect(faultsOfNode(faults, "sensor").map(({ detail }) => detail)).toEqual(["Two."]);
  });
});
