import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Definition } from "../../api/types";
import { DEFINITION } from "../../testing/fixtures";
import { addNode, changeNode, connect, copy, freePlace, moveNodes, paste, remove } from "./graph";

const EMPTY: Definition = { nodes: [], connections: [], variables: [], health_checks: [] };

describe("adding a node", () => {
  it("gives it an id that no other has", () => {
    const first = addNode(EMPTY, "switch", { x: 1.4, y: 2 });
    const second = addNode(first.definition, "switch", { x: 0, y: 0 });
    expect([first.id, second.id]).toEqual(["switch_1", "switch_2"]);
    expect(first.definition.nodes[0]).toEqual({ id: "switch_1", type: "switch", name: "", config: {}, x: 1, y: 2 });
  });

  it("finds a place right of the one before, and below whoever is there", () => {
    expect(freePlace(EMPTY, undefined)).toEqual({ x: 0, y: 0 });
    expect(freePlace(DEFINITION, "sensor")).toEqual({ x: 220, y: 180 });
    expect(freePlace(DEFINITION, undefined)).toEqual({ x: 700, y: 20 });
  });
});

describe("wires", () => {
  it("are laid once", () => {
    const wire = { source: "sensor", target: "log", port: 0 };
    const once = connect(DEFINITION, wire);
    expect(once.connections.at(-1)).toEqual(wire);
    expect(connect(once, wire)).toBe(once);
  });

  it("are laid between nodes that are there", () => {
    expect(connect(DEFINITION, { source: "sensor", target: "nobody", port: 0 })).toBe(DEFINITION);
  });

  it("can be taken away alone", () => {
    const without = remove(DEFINITION, new Set(), new Set(["check:1→log"]));
    expect(without.connections).toEqual(DEFINITION.connections.slice(0, 2));
    expect(without.nodes).toEqual(DEFINITION.nodes);
  });
});

describe("removing a node", () => {
  it("takes its wires and the checks that watch it along, and nothing else", () => {
    const without = remove(DEFINITION, new Set(["sensor"]));
    expect(without.nodes.map(({ id }) => id)).toEqual(["check", "publish", "log"]);
    expect(without.connections).toEqual(DEFINITION.connections.slice(1));
    expect(without.health_checks).toEqual([]);
    expect(without.variables).toBe(DEFINITION.variables);
  });

  it("does nothing where it is not there", () => {
    expect(remove(DEFINITION, new Set(["nobody"]))).toBe(DEFINITION);
  });
});

describe("moving and changing", () => {
  it("changes the nodes that are named", () => {
    const moved = moveNodes(DEFINITION, new Map([["log", { x: 500.6, y: 150 }]]));
    expect(moved.nodes.map(({ x }) => x)).toEqual([0, 240, 480, 501]);
    expect(moveNodes(moved, new Map([["log", { x: 501, y: 150 }]]))).toBe(moved);
    expect(changeNode(DEFINITION, "log", { config: { keep: 5 } }).nodes.at(-1)?.config).toEqual({ keep: 5 });
  });
});

describe("copies", () => {
  it("take along the wires between them, and have ids of their own", () => {
    const pasted = paste(DEFINITION, copy(DEFINITION, new Set(["sensor", "check"])));
    expect(pasted.ids).toEqual(["dht_1", "switch_1"]);
    expect(pasted.definition.connections.at(-1)).toEqual({ source: "dht_1", target: "switch_1", port: 0 });
    expect(pasted.definition.nodes.at(-1)).toMatchObject({ id: "switch_1", name: "Too hot?", x: 280, y: 120 });
  });

  it("share nothing with what was copied", () => {
    const { definition } = paste(DEFINITION, copy(DEFINITION, new Set(["sensor"])));
    expect(definition.nodes.at(-1)?.config).toEqual(DEFINITION.nodes[0]?.config);
    expect(definition.nodes.at(-1)?.config).not.toBe(DEFINITION.nodes[0]?.config);
  });

  it("never make an id that two nodes have, however often they are pasted", () => {
    const ids = fc.subarray(DEFINITION.nodes.map(({ id }) => id));
    fc.assert(
      fc.property(fc.array(ids, { maxLength: 5 }), (rounds) => {
        let definition = DEFINITION;
        for (const chosen of rounds) definition = paste(definition, copy(definition, new Set(chosen))).definition;
        const all = definition.nodes.map(({ id }) => id);
        expect(new Set(all).size).toBe(all.length);
        expect(definition.connections.every(({ source, target }) => all.includes(source) && all.includes(target))).toBe(
          true,
        );
      }),
    );
  });
});
