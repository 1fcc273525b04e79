import { useState } from "react";
import type { NodeType } from "../../api/types";
import { Panel } from "../../components/panel";
import { SearchField } from "../../components/search-field";
import { texts } from "../../texts";
import { DRAGGED_TYPE } from "./editor-canvas";

const words = texts.editor;

/** The types of node that there are, each with its documentation. A press adds a node; it can be dragged as well. */
export function Palette({ types, onAdd }: { types: readonly NodeType[]; onAdd: (type: string) => void }) {
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const shown = types.filter(({ type, title }) => `${type} ${title}`.toLowerCase().includes(wanted));
  return (
    <Panel title={words.palette} className="editor-palette">
      <p className="muted">{words.paletteLead}</p>
      <SearchField label={words.paletteSearch} hint={words.paletteHint} value={search} onChange={setSearch} />
      {shown.length === 0 && <p className="muted">{words.paletteEmpty}</p>}
      <ul className="palette-list">
        {shown.map(({ type, title, summary, documentation }) => (
          <li key={type}>
            <button
              type="button"
              className="palette-item"
              draggable
              onDragStart={(event) => {
                event.dataTransfer.setData(DRAGGED_TYPE, type);
                event.dataTransfer.effectAllowed = "copy";
              }}
              onClick={() => {
                onAdd(type);
              }}
            >
              <b>{title}</b> <span className="muted mono">{type}</span>
            </button>
            <details>
              <summary>{summary}</summary>
              <p>{documentation}</p>
            </details>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
