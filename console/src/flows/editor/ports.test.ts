import { describe, expect, it } from "vitest";
import { DEFINITION } from "../../testing/fixtures";
import { nodeType } from "../../testing/node-types";
import { hasInput, outputsOf } from "./ports";

function switchWith(config: Record<string, unknown>) {
  return { id: "s", type: "switch", name: "", config, x: 0, y: 0 };
}

describe("the ports of a node", () => {
  it("are those of its type", () => {
    const [sensor] = DEFINITION.nodes;
    if (sensor === undefined) throw new Error("no node");
    expect(outputsOf(sensor, nodeType("dht"), [])).toEqual([0]);
    expect(outputsOf({ ...sensor, type: "debug" }, nodeType("debug"), [])).toEqual([]);
    expect([hasInput(nodeType("dht")), hasInput(nodeType("debug")), hasInput(undefined)]).toEqual([false, true, true]);
  });

  it("are those that the rules of a switch name, and where everything else goes", () => {
    const rules = [
      { operator: ">", value: 30, port: 2 },
      { operator: "<", value: 3 },
    ];
    expect(outputsOf(switchWith({ rules, otherwise: 1 }), nodeType("switch"), [])).toEqual([0, 1, 2]);
    expect(outputsOf(switchWith({}), nodeType("switch"), [])).toEqual([0]);
    expect(outputsOf(switchWith({ rules: [{ port: "x" }, { port: 64 }, null] }), nodeType("switch"), [])).toEqual([0]);
  });

  it("never leave a wire hanging", () => {
    const wires = [{ source: "s", target: "t", port: 5 }];
    expect(outputsOf(switchWith({}), nodeType("switch"), wires)).toEqual([0, 5]);
  });

  it("of a type that is not listed are one more than its wires use", () => {
    const wires = [{ source: "s", target: "t", port: 1 }];
    expect(outputsOf(switchWith({}), undefined, wires)).toEqual([1, 2]);
    expect(outputsOf(switchWith({}), undefined, [])).toEqual([0]);
  });
});
