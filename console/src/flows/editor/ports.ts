// Which inputs and outputs a node has.

import type { Connection, FlowNode, NodeType } from "../../api/types";

/** A node of a type that is not listed, such as one that a package brings, may take messages. */
export function hasInput(type: NodeType | undefined): boolean {
  return type === undefined || type.inputs > 0;
}

/**
 * The outputs of a node in order: those of its type, of a switch those that its rules name, and any that a wire uses, so
 * that a wire never hangs in the air. A type that is not listed has one more than its wires use.
 */
export function outputsOf(node: FlowNode, type: NodeType | undefined, connections: readonly Connection[]): number[] {
  const used = connections.filter(({ source }) => source === node.id).map(({ port }) => port);
  const named = type === undefined ? [Math.max(-1, ...used) + 1] : namedBy(node, type);
  return [...new Set([...named, ...used])].sort((one, other) => one - other);
}

function namedBy({ config }: FlowNode, { outputs }: NodeType): number[] {
  if (outputs !== null) return Array.from({ length: outputs }, (_, port) => port);
  const rules = Array.isArray(config.rules) ? (config.rules as unknown[]) : [{}];
  const ports = rules.map((rule) => portOf(rule));
  return [...ports, config.otherwise].filter(isPort);
}

/** A rule that names no port sends to the first one. */
function portOf(rule: unknown): unknown {
  return typeof rule === "object" && rule !== null && "port" in rule ? rule.port : 0;
}

function isPort(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 64;
}
