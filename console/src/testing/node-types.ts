// The node types as the API lists them: the very file that it answers with.

import list from "../../../layers/edgeflow/edgeflow/adapters/flows/node_types.json";
import type { NodeType } from "../api/types";

export const NODE_TYPES = list.node_types as NodeType[];

export function nodeType(name: string): NodeType {
  const found = NODE_TYPES.find(({ type }) => type === name);
  if (found === undefined) throw new Error(`no node type ${name}`);
  return found;
}
