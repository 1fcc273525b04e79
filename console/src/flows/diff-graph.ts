// Two definitions in one graph: what there is now, and beside it what is gone, each marked with what became of it.

import type { Connection, Definition, FlowNode } from "../api/types";
import { connectionKey, diffDefinitions, type Change } from "./diff";
import { placed } from "./layout";

/** `rewired`: the node is the same, but wires at it came or went. */
export type NodeMark = "added" | "removed" | "changed" | "rewired" | "same";
export type WireMark = "added" | "removed" | "same";

export type MarkedNode = { node: FlowNode; mark: NodeMark; changes: readonly Change[] };
export type MarkedWire = { wire: Connection; mark: WireMark };
export type DiffGraph = { nodes: MarkedNode[]; wires: MarkedWire[] };

const WIDTH = 200; // pixels that a node takes at most
const HEIGHT = 80;
const STEP = 100; // pixels by which one that is gone makes room for another that took its place

export function diffGraph(before: Definition, after: Definition): DiffGraph {
  const diff = diffDefinitions(before, after);
  const added = new Set(diff.nodes.added.map(({ id }) => id));
  const changes = new Map(diff.nodes.changed.map((changed) => [changed.after.id, changed.changes]));
  const laid = new Set(diff.connections.added.map(connectionKey));
  const moved = [...diff.connections.added, ...diff.connections.removed];
  const rewired = new Set(moved.flatMap(({ source, target }) => [source, target]));

  const markOf = (id: string): NodeMark => {
    if (added.has(id)) return "added";
    if (changes.has(id)) return "changed";
    return rewired.has(id) ? "rewired" : "same";
  };
  const now = after.nodes.map((node): MarkedNode => ({
    node,
    mark: markOf(node.id),
    changes: changes.get(node.id) ?? [],
  }));
  const gone = diff.nodes.removed.map((node): MarkedNode => ({ node, mark: "removed", changes: [] }));
  const wires = [
    ...after.connections.map((wire): MarkedWire => ({ wire, mark: laid.has(connectionKey(wire)) ? "added" : "same" })),
    ...diff.connections.removed.map((wire): MarkedWire => ({ wire, mark: "removed" })),
  ];
  return { nodes: withPlaces(now, gone, wires), wires };
}

/** Nodes are where they are now. Those that are gone are where they were, or below whoever is there by now. */
function withPlaces(now: readonly MarkedNode[], gone: readonly MarkedNode[], wires: readonly MarkedWire[]) {
  const all = [...now, ...gone];
  const together = placed({
    nodes: all.map(({ node }) => node),
    connections: wires.map(({ wire }) => wire),
    variables: [],
    health_checks: [],
  });
  const taken: FlowNode[] = [];
  return together.flatMap((node, index): MarkedNode[] => {
    const marked = all[index];
    if (marked === undefined) return [];
    let place = node;
    const isTaken = () => taken.some(({ x, y }) => Math.abs(x - place.x) < WIDTH && Math.abs(y - place.y) < HEIGHT);
    while (marked.mark === "removed" && isTaken()) place = { ...place, y: place.y + STEP };
    taken.push(place);
    return [{ ...marked, node: place }];
  });
}
