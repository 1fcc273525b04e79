// Where in a definition the faults are that the API found.

import type { Fault } from "../../api/errors";
import type { Definition } from "../../api/types";

/**
 * `setting` is the name of the setting that a fault of a node or of a health check is about, null where it is about the
 * node or the check itself. A fault belongs to a node, to a check (by its name), or to neither.
 */
export type PlacedFault = { nodeId: string | null; check: string | null; setting: string | null; detail: string };

/**
 * Find the node and the setting of each fault. Pointers count the nodes of the definition that was sent, so this must be
 * that one, and not what has been made of it since. A fault of a wire belongs to the node that it starts at.
 */
export function placeFaults(faults: readonly Fault[], sent: Definition): PlacedFault[] {
  return faults.map(({ pointer, detail }) => {
    const [, root, part, index, ...rest] = pointer.split("/").map(unescaped);
    const none = { nodeId: null, check: null, setting: null, detail };
    if (root !== "definition" || index === undefined || !/^\d+$/.test(index)) return none;
    if (part === "nodes") {
      const node = sent.nodes[Number(index)];
      const setting = rest[0] === "config" ? (rest[1] ?? null) : null;
      return node === undefined ? none : { ...none, nodeId: node.id, setting };
    }
    if (part === "health_checks") {
      const check = sent.health_checks[Number(index)];
      return check === undefined ? none : { ...none, check: check.name, setting: rest[0] ?? null };
    }
    if (part === "connections") return { ...none, nodeId: sourceOf(sent, Number(index)) };
    return none;
  });
}

export function faultsOfNode(faults: readonly PlacedFault[], nodeId: string): PlacedFault[] {
  return faults.filter((fault) => fault.nodeId === nodeId);
}

/** Sentences by the setting that they are about; by the empty text where they are about the check itself. */
export function faultsOfCheck(faults: readonly PlacedFault[], name: string): ReadonlyMap<string, readonly string[]> {
  const own = faults.filter(({ check }) => check === name);
  return new Map(
    own.map(({ setting }) => [
      setting ?? "",
      own.filter((fault) => fault.setting === setting).map(({ detail }) => detail),
    ]),
  );
}

function sourceOf({ nodes, connections }: Definition, index: number): string | null {
  const source = connections[index]?.source;
  return nodes.some(({ id }) => id === source) ? (source ?? null) : null;
}

function unescaped(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}
