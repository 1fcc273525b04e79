import { Background, Controls, ReactFlow, type Edge } from "@xyflow/react";
import { NODE_TYPES, VIEW, type CanvasNode } from "./step-node";

type Props = { label: string; nodes: CanvasNode[]; edges: Edge[]; className?: string };

/** A drawing of a flow to look at: it can be moved and zoomed, and nothing in it changed. */
export function StillCanvas({ label, nodes, edges, className = "canvas" }: Props) {
  return (
    <div className={className} role="group" aria-label={label}>
      <ReactFlow<CanvasNode>
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        {...VIEW}
      >
        <Background gap={24} />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}
