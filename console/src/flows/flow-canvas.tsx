import { useMemo } from "react";
import type { Connection, Definition, FlowNode } from "../api/types";
import { texts } from "../texts";
import { placed } from "./layout";
import { edgeOf, type CanvasNode } from "./step-node";
import { StillCanvas } from "./still-canvas";

/** The flow as it was drawn, to look at. */
export default function FlowCanvas({ definition }: { definition: Definition }) {
  const nodes = useMemo(() => nodesOf(definition), [definition]);
  const edges = useMemo(() => definition.connections.map(edgeOf), [definition]);
  return <StillCanvas label={texts.flow.graphLabel} nodes={nodes} edges={edges} />;
}

function nodesOf(definition: Definition): CanvasNode[] {
  return placed(definition).map((node) => ({
    id: node.id,
    type: "step",
    position: { x: node.x, y: node.y },
    data: { node, ...portsOf(node, definition.connections), faults: 0 },
  }));
}

/** Ports are those that wires use: what a node type could have more does not matter to whoever looks. */
export function portsOf({ id }: FlowNode, connections: readonly Connection[]) {
  const ports = connections.filter(({ source }) => source === id).map(({ port }) => port);
  return {
    outputs: Array.from({ length: Math.max(-1, ...ports) + 1 }, (_, port) => port),
    hasInput: connections.some(({ target }) => target === id),
  };
}
