import type { Definition, FlowNode } from "../api/types";

const COLUMN = 220; // pixels from one node to the one it sends to
const ROW = 90;

/**
 * Return the nodes with places to draw them at. A flow that was written and not drawn has all its nodes at one place:
 * these are set out in columns, each node right of those that send to it. In a loop, whoever was reached first stays.
 */
export function placed({ nodes, connections }: Definition): FlowNode[] {
  const places = new Set(nodes.map(({ x, y }) => `${x} ${y}`));
  if (nodes.length < 2 || places.size > 1) return nodes;

  const columns = new Map(nodes.map(({ id }) => [id, 0]));
  // A path visits each node once at most, so that columns are settled after as many rounds; loops end there.
  for (let round = 1; round < nodes.length; round += 1) {
    let changed = false;
    for (const { source, target } of connections) {
      const next = (columns.get(source) ?? 0) + 1;
      if (next < nodes.length && next > (columns.get(target) ?? next)) {
        columns.set(target, next);
        changed = true;
      }
    }
    if (!changed) break;
  }
  const filled = new Map<number, number>();
  return nodes.map((node) => {
    const column = columns.get(node.id) ?? 0;
    const row = filled.get(column) ?? 0;
    filled.set(column, row + 1);
    return { ...node, x: column * COLUMN, y: row * ROW };
  });
}
