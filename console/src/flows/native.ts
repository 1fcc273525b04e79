// What a node of type `node-red` holds: nodes as Node-RED exports them.

export const NATIVE_TYPE = "node-red";

export type NativeNode = Record<string, unknown> & { id: string; type: string };

/** The exported nodes; null where this is no export. */
export function nativeNodes(content: unknown): NativeNode[] | null {
  if (!Array.isArray(content) || content.length === 0) return null;
  const items: unknown[] = content;
  return items.every(isNative) ? items : null;
}

function isNative(item: unknown): item is NativeNode {
  if (typeof item !== "object" || item === null) return false;
  return "id" in item && typeof item.id === "string" && "type" in item && typeof item.type === "string";
}
