import type { Edge } from "@xyflow/react";
import { useMemo } from "react";
import type { Definition } from "../api/types";
import { texts } from "../texts";
import { diffGraph, type MarkedNode, type NodeMark, type WireMark } from "./diff-graph";
import { changeText, SIGNS } from "./diff-words";
import { portsOf } from "./flow-canvas";
import { edgeOf, type CanvasNode } from "./step-node";
import { StillCanvas } from "./still-canvas";

const words = texts.flow;
const LEGEND = ["added", "removed", "changed", "rewired"] as const;

/** Two versions drawn over each other: what there is now, and what is gone, each marked with what became of it. */
export default function DiffCanvas({ before, after }: { before: Definition; after: Definition }) {
  const graph = useMemo(() => diffGraph(before, after), [before, after]);
  const { nodes, edges } = useMemo(() => drawn(graph), [graph]);
  if (nodes.length === 0) return null;
  return (
    <>
      <ul className="diff-legend" aria-label={words.legend}>
        {LEGEND.map((mark) => (
          <li key={mark} className={`diff-legend-${mark}`}>
            <span className="diff-sign" aria-hidden="true">
              {SIGNS[mark]}
            </span>{" "}
            {words[mark]} <b>{graph.nodes.filter((node) => node.mark === mark).length}</b>
          </li>
        ))}
        <li>{words.wiresLegend(count(graph.wires, "added"), count(graph.wires, "removed"))}</li>
      </ul>
      <StillCanvas className="canvas canvas-diff" label={words.diffLabel} nodes={nodes} edges={edges} />
    </>
  );
}

function count(items: readonly { mark: NodeMark | WireMark }[], mark: WireMark): number {
  return items.filter((item) => item.mark === mark).length;
}

function drawn({ nodes, wires }: ReturnType<typeof diffGraph>): { nodes: CanvasNode[]; edges: Edge[] } {
  const connections = wires.map(({ wire }) => wire);
  return {
    nodes: nodes.map(({ node, mark, changes }) => ({
      id: node.id,
      type: "step",
      position: { x: node.x, y: node.y },
      ariaLabel: spoken({ node, mark, changes }),
      data: { node, ...portsOf(node, connections), faults: 0, ...(mark === "same" ? {} : { mark, changes }) },
    })),
    edges: wires.map(({ wire, mark }): Edge => {
      const edge = edgeOf(wire);
      if (mark === "same") return edge;
      return { ...edge, className: `wire-${mark}`, label: SIGNS[mark], zIndex: 1 };
    }),
  };
}

/** The node, what became of it, and its settings, old and new. */
function spoken({ node, mark, changes }: MarkedNode): string {
  const name = node.name === "" ? node.id : node.name;
  return [name, ...(mark === "same" ? [] : [words[mark]]), ...changes.map(changeText)].join(", ");
}
