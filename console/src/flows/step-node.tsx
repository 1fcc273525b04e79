import { Handle, Position, type Edge, type Node, type NodeProps } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import type { Connection, FlowNode } from "../api/types";
import { texts } from "../texts";
import { connectionKey, type Change } from "./diff";
import { changeText, SIGNS } from "./diff-words";
import { nativeNodes, NATIVE_TYPE } from "./native";

export type StepData = {
  node: FlowNode;
  hasInput: boolean;
  outputs: readonly number[];
  faults: number;
  /** What became of it between two versions, and its settings, old and new. */
  mark?: "added" | "removed" | "changed" | "rewired";
  changes?: readonly Change[];
};

const NO_CHANGES: readonly Change[] = [];
const MOST_CHANGES = 3; // further ones are in the list below the canvas

export type CanvasNode = Node<StepData, "step">;

export const NODE_TYPES = { step: StepNode };

/** How every canvas is looked at. Deleting is a matter of the page's own keys. */
export const VIEW = {
  deleteKeyCode: null,
  fitView: true,
  fitViewOptions: { padding: 0.2, maxZoom: 1 },
  minZoom: 0.1,
  preventScrolling: false,
  proOptions: { hideAttribution: false },
} as const;

export function edgeOf(connection: Connection): Edge {
  const { source, port, target } = connection;
  return { id: connectionKey(connection), source, sourceHandle: String(port), target };
}

/** One node on a canvas, with a handle for its input and for each output. */
function StepNode({ data: { node, hasInput, outputs, faults, mark, changes = NO_CHANGES } }: NodeProps<CanvasNode>) {
  const native = node.type === NATIVE_TYPE ? nativeNodes(node.config.flows) : null;
  const looks = [
    "canvas-node",
    ...(faults > 0 ? ["canvas-node-faulty"] : []),
    ...(mark === undefined ? [] : [`canvas-node-${mark}`]),
  ];
  return (
    <div className={looks.join(" ")}>
      {hasInput && <Handle type="target" position={Position.Left} />}
      <span className="canvas-node-type">
        {native === null ? node.type : texts.flow.nodeRedNodes(native.length)}
        {faults > 0 && <span className="canvas-node-faults">{texts.editor.faultCount(faults)}</span>}
      </span>
      <span className="canvas-node-name">{node.name === "" ? node.id : node.name}</span>
      {mark !== undefined && (
        <span className="canvas-node-mark">
          {SIGNS[mark]} {texts.flow[mark]}
        </span>
      )}
      {changes.slice(0, MOST_CHANGES).map((change) => (
        <span key={change.path} className="canvas-node-change">
          {changeText(change)}
        </span>
      ))}
      {changes.length > MOST_CHANGES && (
        <span className="canvas-node-change">{texts.flow.moreChanges(changes.length - MOST_CHANGES)}</span>
      )}
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
