// Edits of a definition. Each returns another definition, or the very same one where nothing is to be done.

import type { Connection, Definition, FlowNode, Variable } from "../../api/types";
import { connectionKey } from "../diff";

export type Place = { x: number; y: number };

/** Nodes and the wires between them, as they are copied. */
export type Parts = { nodes: FlowNode[]; connections: Connection[] };

const PASTE_OFFSET = 40; // pixels, right and down of what was copied
const GAP = 220; // pixels from one node to the next one that is added without a place

export function addNode(
  definition: Definition,
  type: string,
  place: Place,
  config: Record<string, unknown> = {},
): { definition: Definition; id: string } {
  const id = freeId(type, idsOf(definition));
  const node: FlowNode = { id, type, name: "", config, x: Math.round(place.x), y: Math.round(place.y) };
  return { definition: { ...definition, nodes: [...definition.nodes, node] }, id };
}

/** Right of this node, or of all; further down where somebody is there already. */
export function freePlace({ nodes }: Definition, after: string | undefined): Place {
  const from = nodes.find(({ id }) => id === after) ?? nodes.toSorted((one, other) => other.x - one.x)[0];
  if (from === undefined) return { x: 0, y: 0 };
  let place = { x: from.x + GAP, y: from.y };
  const isTaken = ({ x, y }: Place) => nodes.some((node) => Math.abs(node.x - x) < GAP && Math.abs(node.y - y) < 80);
  while (isTaken(place)) place = { x: place.x, y: place.y + 100 };
  return place;
}

export function changeNode(
  definition: Definition,
  id: string,
  fields: Partial<Pick<FlowNode, "name" | "config">>,
): Definition {
  return {
    ...definition,
    nodes: definition.nodes.map((node) => (node.id === id ? { ...node, ...fields } : node)),
  };
}

export function moveNodes(definition: Definition, places: ReadonlyMap<string, Place>): Definition {
  const nodes = definition.nodes.map((node) => {
    const place = places.get(node.id);
    if (place === undefined) return node;
    const [x, y] = [Math.round(place.x), Math.round(place.y)];
    return x === node.x && y === node.y ? node : { ...node, x, y };
  });
  const isMoved = nodes.some((node, index) => node !== definition.nodes[index]);
  return isMoved ? { ...definition, nodes } : definition;
}

/** A wire that is there already is not laid twice. */
export function connect(definition: Definition, connection: Connection): Definition {
  const key = connectionKey(connection);
  const ids = idsOf(definition);
  const isThere = definition.connections.some((one) => connectionKey(one) === key);
  if (isThere || !ids.has(connection.source) || !ids.has(connection.target)) return definition;
  return { ...definition, connections: [...definition.connections, connection] };
}

/** Take nodes away with the wires at them and the health checks that watch them, and the wires with these keys. */
export function remove(
  definition: Definition,
  nodeIds: ReadonlySet<string>,
  connectionKeys: ReadonlySet<string> = new Set(),
): Definition {
  const nodes = definition.nodes.filter(({ id }) => !nodeIds.has(id));
  const connections = definition.connections.filter(
    (wire) => !nodeIds.has(wire.source) && !nodeIds.has(wire.target) && !connectionKeys.has(connectionKey(wire)),
  );
  if (nodes.length === definition.nodes.length && connections.length === definition.connections.length) {
    return definition;
  }
  const checks = definition.health_checks.filter(({ node }) => typeof node !== "string" || !nodeIds.has(node));
  return { ...definition, nodes, connections, health_checks: checks };
}

export function copy(definition: Definition, nodeIds: ReadonlySet<string>): Parts {
  return {
    nodes: definition.nodes.filter(({ id }) => nodeIds.has(id)),
    connections: definition.connections.filter(({ source, target }) => nodeIds.has(source) && nodeIds.has(target)),
  };
}

/** Put copies of nodes beside them, under ids of their own, with the wires that were between them. */
export function paste(definition: Definition, parts: Parts): { definition: Definition; ids: string[] } {
  const taken = idsOf(definition);
  const renamed = new Map<string, string>();
  const nodes = parts.nodes.map((node) => {
    const id = freeId(node.type, taken);
    taken.add(id);
    renamed.set(node.id, id);
    return { ...structuredClone(node), id, x: node.x + PASTE_OFFSET, y: node.y + PASTE_OFFSET };
  });
  const connections = parts.connections.flatMap(({ source, target, port }) => {
    const [from, to] = [renamed.get(source), renamed.get(target)];
    return from === undefined || to === undefined ? [] : [{ source: from, target: to, port }];
  });
  return {
    definition: {
      ...definition,
      nodes: [...definition.nodes, ...nodes],
      connections: [...definition.connections, ...connections],
    },
    ids: [...renamed.values()],
  };
}

export function setVariables(definition: Definition, variables: Variable[]): Definition {
  return { ...definition, variables };
}

function idsOf({ nodes }: Definition): Set<string> {
  return new Set(nodes.map(({ id }) => id));
}

function freeId(type: string, taken: ReadonlySet<string>): string {
  const stem = type.slice(0, 56); // an id has at most 64 characters
  let number = 1;
  while (taken.has(`${stem}_${number}`)) number += 1;
  return `${stem}_${number}`;
}
