import { Background, Controls, ReactFlow } from "@xyflow/react";
import { useMemo } from "react";
import type { Connection, Definition, FlowNode } from "../api/types";
import { texts } from "../texts";
import { placed } from "./layout";
import { edgeOf, NODE_TYPES, type CanvasNode } from "./step-node";

/** The flow as it was drawn, to look at. */
export default function FlowCanvas({ definition }: { definition: Definition }) {
  const nodes = useMemo(() => nodesOf(definition), [definition]);
  const edges = useMemo(() => definition.connections.map(edgeOf), [definition]);
  return (
    <div className="canvas" role="group" aria-label={texts.flow.graphLabel}>
      <ReactFlow<CanvasNode>
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        deleteKeyCode={null}
        fitView
        fitViewOptions={{ padding: 0.2, maxZoom: 1 }}
        minZoom={0.1}
        preventScrolling={false}
        proOptions={{ hideAttribution: false }}
      >
        <Background gap={24} />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
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
