import { Background, Controls, ReactFlow } from "@xyflow/react";
import { useMemo } from "react";
import type { Definition } from "../api/types";
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

/** Ports are those that wires use: what a node type could have more does not matter to whoever looks. */
function nodesOf(definition: Definition): CanvasNode[] {
  const { connections } = definition;
  return placed(definition).map((node) => {
    const ports = connections.filter(({ source }) => source === node.id).map(({ port }) => port);
    const outputs = Array.from({ length: Math.max(-1, ...ports) + 1 }, (_, port) => port);
    const hasInput = connections.some(({ target }) => target === node.id);
    return {
      id: node.id,
      type: "step",
      position: { x: node.x, y: node.y },
      data: { node, hasInput, outputs, faults: 0 },
    };
  });
}
