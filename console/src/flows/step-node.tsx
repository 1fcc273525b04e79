import { Handle, Position, type Edge, type Node, type NodeProps } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import type { Connection, FlowNode } from "../api/types";
import { texts } from "../texts";
import { connectionKey } from "./diff";
import { nativeNodes, NATIVE_TYPE } from "./native";

export type StepData = { node: FlowNode; hasInput: boolean; outputs: readonly number[]; faults: number };

export type CanvasNode = Node<StepData, "step">;

export const NODE_TYPES = { step: StepNode };

export function edgeOf(connection: Connection): Edge {
  const { source, port, target } = connection;
  return { id: connectionKey(connection), source, sourceHandle: String(port), target };
}

/** One node on a canvas, with a handle for its input and for each output. */
function StepNode({ data: { node, hasInput, outputs, faults } }: NodeProps<CanvasNode>) {
  const native = node.type === NATIVE_TYPE ? nativeNodes(node.config.flows) : null;
  return (
    <div className={faults > 0 ? "canvas-node canvas-node-faulty" : "canvas-node"}>
      {hasInput && <Handle type="target" position={Position.Left} />}
      <span className="canvas-node-type">
        {native === null ? node.type : texts.flow.nodeRedNodes(native.length)}
        {faults > 0 && <span className="canvas-node-faults">{texts.editor.faultCount(faults)}</span>}
      </span>
      <span className="canvas-node-name">{node.name === "" ? node.id : node.name}</span>
      {outputs.map((port, index) => (
        <Handle
          key={port}
          id={String(port)}
          type="source"
          position={Position.Right}
          style={{ top: `${((index + 1) * 100) / (outputs.length + 1)}%` }}
        />
      ))}
    </div>
  );
}
