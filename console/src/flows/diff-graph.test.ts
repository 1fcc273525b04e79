import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Definition, FlowNode } from "../api/types";
import { DEFINITION } from "../testing/fixtures";
import { diffGraph } from "./diff-graph";

const [SENSOR, CHECK, PUBLISH, LOG] = DEFINITION.nodes as [FlowNode, FlowNode, FlowNode, FlowNode];

function marks(before: Definition, after: Definition): Record<string, string> {
  return Object.fromEntries(diffGraph(before, after).nodes.map(({ node, mark }) => [node.id, mark]));
}

describe("two definitions in one graph", () => {
  it("mark nothing where nothing differs", () => {
    const { nodes, wires } = diffGraph(DEFINITION, DEFINITION);
    expect([...nodes, ...wires].every(({ mark }) => mark === "same")).toBe(true);
  });

  it("mark what was added, removed, changed and rewired", () => {
    const after: Definition = {
      ...DEFINITION,
      nodes: [{ ...SENSOR, config: { pin: 17, interval: "10s" } }, CHECK, PUBLISH, { ...LOG, id: "other" }],
      connections: [...DEFINITION.connections.slice(0, 2), { source: "check", target: "other", port: 1 }],
    };
    expect(marks(DEFINITION, after)).toEqual({
      sensor: "changed",
      check: "rewired",
      publish: "same",
      other: "added",
      log: "removed",
    });
    const { nodes, wires } = diffGraph(DEFINITION, after);
    expect(nodes[0]?.changes).toEqual([{ path: "config.pin", before: 4, after: 17 }]);
    expect(wires.map(({ wire, mark }) => [wire.target, mark])).toEqual([
      ["check", "same"],
      ["publish", "same"],
      ["other", "added"],
      ["log", "removed"],
    ]);
    expect(nodes.at(-1)?.node).toMatchObject({ id: "log", x: LOG.x, y: LOG.y + 100 });
  });

  it("take a node that was only moved for the same", () => {
    const after = { ...DEFINITION, nodes: [{ ...SENSOR, x: 900 }, CHECK, PUBLISH, LOG] };
    expect(new Set(Object.values(marks(DEFINITION, after)))).toEqual(new Set(["same"]));
    expect(diffGraph(DEFINITION, after).nodes[0]?.node.x).toBe(900);
  });

  it("set out flows that were only written, those that are gone among them", () => {
    const written = (nodes: FlowNode[]) => ({ ...DEFINITION, nodes: nodes.map((node) => ({ ...node, x: 0, y: 0 })) });
    const { nodes } = diffGraph(written([SENSOR, CHECK, LOG]), written([SENSOR, CHECK, PUBLISH]));
    expect(new Set(nodes.map(({ node }) => `${node.x} ${node.y}`)).size).toBe(4);
  });

  it("hold each node of both once, whatever differs", () => {
    const some = fc.subarray([...DEFINITION.nodes]).map((nodes) => ({ ...DEFINITION, nodes }));
    fc.assert(
      fc.property(some, some, (before, after) => {
        const ids = diffGraph(before, after).nodes.map(({ node }) => node.id);
        const wanted = new Set([...before.nodes, ...after.nodes].map(({ id }) => id));
        expect(ids.length).toBe(wanted.size);
        expect(new Set(ids)).toEqual(wanted);
      }),
    );
  });
});
