// Definitions as files: ours, and what Node-RED exports.

import type { Connection, Definition, Flow, FlowNode, HealthCheck, Variable } from "../../api/types";
import { nativeNodes, type NativeNode } from "../native";

export type Imported =
  | { kind: "definition"; definition: Definition }
  /** Nodes as Node-RED exports them, which one node of type `node-red` holds. */
  | { kind: "node-red"; nodes: NativeNode[] }
  | { kind: "unreadable" };

/** What `POST /v1/flows` takes, so that a file can be sent as it is. */
export function exported({ name, description, tags }: Flow, definition: Definition): string {
  return `${JSON.stringify({ name, description, tags, definition }, null, 2)}\n`;
}

/** `greenhouse-temperature.json` */
export function fileName({ name, id }: Flow): string {
  const stem = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  return `${stem === "" ? id : stem}.json`;
}

/** Read a file. What is missing is filled in; what is too much stays, for the API to refuse and not for us to drop. */
export function readFile(text: string): Imported {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: "unreadable" };
    throw error;
  }
  const native = nativeNodes(isObject(content) ? content.flows : content);
  if (native !== null) return { kind: "node-red", nodes: native };
  const definition = readDefinition(isObject(content) ? (content.definition ?? content) : content);
  return definition === null ? { kind: "unreadable" } : { kind: "definition", definition };
}

function readDefinition(content: unknown): Definition | null {
  if (!isObject(content)) return null;
  const { nodes, connections = [], variables = [], health_checks: checks = [] } = content;
  if (!isList(nodes) || !isList(connections) || !isList(variables) || !isList(checks)) return null;
  if (!nodes.every(({ id, type }) => typeof id === "string" && typeof type === "string")) return null;
  if (!connections.every(({ source, target }) => typeof source === "string" && typeof target === "string")) return null;
  if (![...variables, ...checks].every(({ name }) => typeof name === "string")) return null;
  return {
    nodes: nodes.map((node) => ({ name: "", config: {}, x: 0, y: 0, ...node }) as FlowNode),
    connections: connections.map((wire) => ({ port: 0, ...wire }) as Connection),
    variables: variables as Variable[],
    health_checks: checks as HealthCheck[],
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: unknown): value is Record<string, unknown>[] {
  return Array.isArray(value) && value.every(isObject);
}
