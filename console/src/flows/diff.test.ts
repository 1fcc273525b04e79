import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Definition, FlowNode } from "../api/types";
import { DEFINITION } from "../testing/fixtures";
import { diffDefinitions, isSame } from "./diff";
import { placed } from "./layout";

function node(id: string, fields: Partial<FlowNode> = {}): FlowNode {
  return { id, type: "debug", name: "", config: {}, x: 0, y: 0, ...fields };
}

function definition(nodes: FlowNode[], fields: Partial<Definition> = {}): Definition {
  return { nodes, connections: [], variables: [], health_checks: [], ...fields };
}

describe("the difference between two definitions", () => {
  it("names what was added, removed and changed, old value before new", () => {
    const before = definition([node("a", { config: { pin: 4, every: { s: 10 } } }), node("gone")]);
    const after = definition([node("a", { config: { pin: 5, every: { s: 10 }, pull: "up" } }), node("new")]);
    const { nodes } = diffDefinitions(before, after);
    expect([nodes.added, nodes.removed].map((list) => list.map(({ id }) => id))).toEqual([["new"], ["gone"]]);
    expect(nodes.changed[0]?.changes).toEqual([
      { path: "config.pin", before: 4, after: 5 },
      { path: "config.pull", before: undefined, after: "up" },
    ]);
  });

  it("tells wires apart by their output", () => {
    const wire = { source: "a", target: "b", port: 0 };
    const diff = diffDefinitions(
      definition([], { connections: [wire] }),
      definition([], { connections: [{ ...wire, port: 1 }] }),
    );
    expect(diff.connections).toEqual({ added: [{ ...wire, port: 1 }], removed: [wire] });
  });

  it("takes a node that was only moved for no change", () => {
    const diff = diffDefinitions(definition([node("a")]), definition([node("a", { x: 90 })]));
    expect([isSame(diff), diff.moved.map(({ id }) => id)]).toEqual([true, ["a"]]);
  });

  it("sees a variable's value and a health check's settings", () => {
    const changed: Definition = {
      ...DEFINITION,
      variables: [{ name: "limit", type: "number", value: "31" }],
      health_checks: [{ name: "readings", type: "emitted", node: "sensor", within: "2m" }],
    };
    const diff = diffDefinitions(DEFINITION, changed);
    expect(diff.variables.changed[0]?.changes).toEqual([{ path: "value", before: "30", after: "31" }]);
    expect(diff.healthChecks.changed[0]?.changes).toEqual([{ path: "within", before: "1m", after: "2m" }]);
  });

  const nodes = fc
    .uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { maxLength: 8 })
    .chain((ids) => fc.tuple(...ids.map((id) => fc.jsonValue().map((value) => node(id, { config: { value } })))));

  it("is none between a definition and itself, whatever the order of its keys", () => {
    fc.assert(
      fc.property(nodes, (list) => {
        const shuffled = list.toReversed().map((item) => {
          const keys = Object.entries(item).toReversed();
          return Object.fromEntries(keys) as FlowNode;
        });
        expect(isSame(diffDefinitions(definition(list), definition(shuffled)))).toBe(true);
      }),
    );
  });

  it("turned round has added and removed swapped", () => {
    fc.assert(
      fc.property(nodes, nodes, (one, other) => {
        const there = diffDefinitions(definition(one), definition(other)).nodes;
        const back = diffDefinitions(definition(other), definition(one)).nodes;
        expect(there.added).toEqual(back.removed);
        expect(there.changed.map(({ after }) => after.id).sort()).toEqual(
          back.changed.map(({ after }) => after.id).sort(),
        );
      }),
    );
  });
});

describe("places on the canvas", () => {
  it("are those that were drawn", () => {
    expect(placed(DEFINITION)).toBe(DEFINITION.nodes);
  });

  it("are columns, senders left of receivers, for a flow that was only written", () => {
    const written = { ...DEFINITION, nodes: DEFINITION.nodes.map((item) => ({ ...item, x: 0, y: 0 })) };
    const columns = Object.fromEntries(placed(written).map(({ id, x }) => [id, x]));
    expect(columns).toEqual({ sensor: 0, check: 220, publish: 440, log: 440 });
  });

  it("differ for each node, also in loops", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 12 }),
        fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 30 }),
        (count, wires) => {
          const list = Array.from({ length: count }, (_, index) => node(String(index)));
          const connections = wires.map(([source, target]) => ({
            source: String(source % count),
            target: String(target % count),
            port: 0,
          }));
          const places = placed(definition(list, { connections })).map(({ x, y }) => `${x} ${y}`);
          expect(new Set(places).size).toBe(count);
        },
      ),
    );
  });
});
