import { Background, Controls, Handle, Position, ReactFlow, type Edge, type Node, type NodeProps } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { useMemo } from "react";
import type { Definition, FlowNode } from "../api/types";
import { texts } from "../texts";
import { placed } from "./layout";

type CanvasNode = Node<{ node: FlowNode; hasInput: boolean; outputs: number }, "step">;

const NODE_TYPES = { step: StepNode };

/** The flow as it was drawn, to look at. */
export default function FlowCanvas({ definition }: { definition: Definition }) {
  const nodes = useMemo(() => nodesOf(definition), [definition]);
  const edges = useMemo(() => edgesOf(definition), [definition]);
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
    data: {
      node,
      hasInput: definition.connections.some(({ target }) => target === node.id),
      outputs: outputsOf(definition, node.id),
    },
  }));
}

function edgesOf({ connections }: Definition): Edge[] {
  return connections.map(({ source, port, target }) => ({
    id: `${source}:${port}:${target}`,
    source,
    sourceHandle: String(port),
    target,
  }));
}

/** As many as wires use: what a node type could have more is not known here. */
function outputsOf({ connections }: Definition, id: string): number {
  const ports = connections.filter(({ source }) => source === id).map(({ port }) => port);
  return Math.max(-1, ...ports) + 1;
}

function StepNode({ data: { node, hasInput, outputs } }: NodeProps<CanvasNode>) {
  return (
    <div className="canvas-node">
      {hasInput && <Handle type="target" position={Position.Left} />}
      <span className="canvas-node-type">{node.type}</span>
      <span className="canvas-node-name">{node.name === "" ? node.id : node.name}</span>
      {Array.from({ length: outputs }, (_, port) => (
        <Handle
          key={port}
          id={String(port)}
          type="source"
          position={Position.Right}
          style={{ top: `${((port + 1) * 100) / (outputs + 1)}%` }}
        />
      ))}
    </div>
  );
}
