import {
  Background,
  Controls,
  ReactFlow,
  type Edge,
  type EdgeChange,
  type NodeChange,
  type ReactFlowInstance,
} from "@xyflow/react";
import { useMemo, useState } from "react";
import type { Definition, NodeType } from "../../api/types";
import { texts } from "../../texts";
import { edgeOf, NODE_TYPES, VIEW, type CanvasNode } from "../step-node";
import { faultsOfNode, type PlacedFault } from "./faults";
import { connect, moveNodes, type Place } from "./graph";
import { hasInput, outputsOf } from "./ports";

/** Carries the type of a node that is dragged from the palette. */
export const DRAGGED_TYPE = "application/x-edgeflow-node-type";

/** Ids of nodes and keys of wires. */
export type Selection = { nodes: ReadonlySet<string>; wires: ReadonlySet<string> };

export const NOTHING: Selection = { nodes: new Set(), wires: new Set() };

type Size = { width: number; height: number };

/** The flow as it is being drawn. The definition is the only truth; here is kept what lasts as long as a drag does. */
export function EditorCanvas({
  definition,
  types,
  faults,
  selection,
  onSelect,
  onEdit,
  onDropType,
}: {
  definition: Definition;
  types: ReadonlyMap<string, NodeType>;
  faults: readonly PlacedFault[];
  selection: Selection;
  onSelect: (change: (before: Selection) => Selection) => void;
  onEdit: (change: (before: Definition) => Definition) => void;
  onDropType: (type: string, place: Place) => void;
}) {
  const [sizes, setSizes] = useState<ReadonlyMap<string, Size>>(new Map());
  const [drags, setDrags] = useState<ReadonlyMap<string, Place>>(new Map());
  const [instance, setInstance] = useState<ReactFlowInstance<CanvasNode> | null>(null);
  // All that is there is brought into view, once there is something; but what is dropped stays where it was dropped.
  const [fits, setFits] = useState(true);

  const nodes = useMemo(
    () =>
      definition.nodes.map((node): CanvasNode => {
        const type = types.get(node.type);
        const measured = sizes.get(node.id);
        const isTarget = definition.connections.some(({ target }) => target === node.id);
        return {
          id: node.id,
          type: "step",
          position: drags.get(node.id) ?? { x: node.x, y: node.y },
          selected: selection.nodes.has(node.id),
          ...(measured ? { measured } : {}),
          data: {
            node,
            hasInput: hasInput(type) || isTarget,
            outputs: outputsOf(node, type, definition.connections),
            faults: faultsOfNode(faults, node.id).length,
          },
        };
      }),
    [definition, types, faults, selection.nodes, sizes, drags],
  );
  const edges = useMemo(
    () =>
      definition.connections.map((wire): Edge => {
        const edge = edgeOf(wire);
        return { ...edge, selected: selection.wires.has(edge.id) };
      }),
    [definition.connections, selection.wires],
  );

  function changeNodes(changes: NodeChange<CanvasNode>[]) {
    const measured = new Map<string, Size>();
    const dragged = new Map<string, Place>();
    const dropped = new Map<string, Place>();
    const selected = new Map<string, boolean>();
    for (const change of changes) {
      if (change.type === "dimensions" && change.dimensions) measured.set(change.id, change.dimensions);
      if (change.type === "select") selected.set(change.id, change.selected);
      if (change.type === "position" && change.position) {
        (change.dragging === true ? dragged : dropped).set(change.id, change.position);
      }
    }
    if (measured.size > 0) setSizes((before) => new Map([...before, ...measured]));
    if (dragged.size > 0) setDrags((before) => new Map([...before, ...dragged]));
    if (dropped.size > 0) {
      setDrags((before) => new Map([...before].filter(([id]) => !dropped.has(id))));
      onEdit((before) => moveNodes(before, dropped));
    }
    if (selected.size > 0) onSelect((before) => ({ ...before, nodes: chosen(before.nodes, selected) }));
  }

  function changeEdges(changes: EdgeChange[]) {
    const selected = new Map(
      changes.flatMap((change) => (change.type === "select" ? [[change.id, change.selected] as const] : [])),
    );
    if (selected.size > 0) onSelect((before) => ({ ...before, wires: chosen(before.wires, selected) }));
  }

  return (
    <div className="canvas editor-canvas" role="group" aria-label={texts.editor.canvasLabel}>
      <ReactFlow<CanvasNode>
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        onNodesChange={changeNodes}
        onEdgesChange={changeEdges}
        onConnect={({ source, target, sourceHandle }) => {
          onEdit((before) => connect(before, { source, target, port: Number(sourceHandle) }));
        }}
        onInit={setInstance}
        onDragOver={(event) => {
          if (event.dataTransfer.types.includes(DRAGGED_TYPE)) event.preventDefault();
        }}
        onDrop={(event) => {
          const type = event.dataTransfer.getData(DRAGGED_TYPE);
          if (type === "" || instance === null) return;
          event.preventDefault();
          setFits(false);
          onDropType(type, instance.screenToFlowPosition({ x: event.clientX, y: event.clientY }));
        }}
        {...VIEW}
        fitView={fits}
      >
        <Background gap={24} />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}

function chosen(before: ReadonlySet<string>, changes: ReadonlyMap<string, boolean>): ReadonlySet<string> {
  return new Set([
    ...[...before].filter((id) => changes.get(id) !== false),
    ...[...changes].filter(([, isSelected]) => isSelected).map(([id]) => id),
  ]);
}
