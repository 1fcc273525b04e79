// What differs between two definitions of a flow, node by node and wire by wire.

import type { Connection, Definition, FlowNode, HealthCheck, Variable } from "../api/types";

/** One setting that differs; `undefined` where one side does not have it. */
export type Change = { path: string; before: unknown; after: unknown };

export type Changed<Item> = { before: Item; after: Item; changes: Change[] };

export type PartDiff<Item> = { added: Item[]; removed: Item[]; changed: Changed<Item>[] };

export type DefinitionDiff = {
  nodes: PartDiff<FlowNode>;
  variables: PartDiff<Variable>;
  healthChecks: PartDiff<HealthCheck>;
  connections: { added: Connection[]; removed: Connection[] };
  /** Nodes of which nothing changed but their place on the canvas. */
  moved: FlowNode[];
};

export function diffDefinitions(before: Definition, after: Definition): DefinitionDiff {
  const nodes = diffParts(before.nodes, after.nodes, (node) => node.id);
  const placed = nodes.changed.map((change) => ({
    ...change,
    changes: change.changes.filter(({ path }) => path !== "x" && path !== "y"),
  }));
  return {
    nodes: { ...nodes, changed: placed.filter(({ changes }) => changes.length > 0) },
    moved: placed.filter(({ changes }) => changes.length === 0).map((change) => change.after),
    variables: diffParts(before.variables, after.variables, (variable) => variable.name),
    healthChecks: diffParts(before.health_checks, after.health_checks, (check) => check.name),
    connections: diffConnections(before.connections, after.connections),
  };
}

/** Nothing that a device would notice. */
export function isSame(diff: DefinitionDiff): boolean {
  const parts = [diff.nodes, diff.variables, diff.healthChecks];
  return (
    parts.every((part) => part.added.length + part.removed.length + part.changed.length === 0) &&
    diff.connections.added.length + diff.connections.removed.length === 0
  );
}

/** The very same definition, places on the canvas included. */
export function isUnchanged(before: Definition, after: Definition): boolean {
  const diff = diffDefinitions(before, after);
  return isSame(diff) && diff.moved.length === 0;
}

export function connectionKey({ source, port, target }: Connection): string {
  return `${source}:${port}→${target}`;
}

function diffConnections(before: readonly Connection[], after: readonly Connection[]): DefinitionDiff["connections"] {
  const old = new Set(before.map(connectionKey));
  const now = new Set(after.map(connectionKey));
  return {
    added: after.filter((connection) => !old.has(connectionKey(connection))),
    removed: before.filter((connection) => !now.has(connectionKey(connection))),
  };
}

function diffParts<Item extends object>(
  before: readonly Item[],
  after: readonly Item[],
  key: (item: Item) => string,
): PartDiff<Item> {
  const old = new Map(before.map((item) => [key(item), item]));
  const now = new Map(after.map((item) => [key(item), item]));
  const changed: Changed<Item>[] = [];
  for (const [name, item] of now) {
    const other = old.get(name);
    if (other === undefined) continue;
    const changes = diffValues("", other, item);
    if (changes.length > 0) changed.push({ before: other, after: item, changes });
  }
  return {
    added: [...now.values()].filter((item) => !old.has(key(item))),
    removed: [...old.values()].filter((item) => !now.has(key(item))),
    changed,
  };
}

/** Objects are compared key by key, whatever their order; lists are settings of one piece. */
function diffValues(path: string, before: unknown, after: unknown): Change[] {
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => diffValues(path === "" ? key : `${path}.${key}`, before[key], after[key]));
  }
  return sameValue(before, after) ? [] : [{ path, before, after }];
}

function sameValue(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => sameValue(item, other[index]));
  }
  if (isObject(one) && isObject(other)) return diffValues("", one, other).length === 0;
  return Object.is(one, other);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
