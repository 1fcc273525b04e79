import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { TaggedFlow } from "../../api/queries";
import type { Definition, NodeType } from "../../api/types";
import { Panel } from "../../components/panel";
import { ProblemNotice } from "../../components/problem";
import { useConsole } from "../../session/context";
import { whyNot } from "../../session/rights";
import "../../styles/editor.css";
import { texts } from "../../texts";
import { NATIVE_TYPE } from "../native";
import { edgeOf } from "../step-node";
import { ChecksPanel } from "./checks-panel";
import { ConflictDialog } from "./conflict-dialog";
import { EditorCanvas, NOTHING, type Selection } from "./editor-canvas";
import { exported, fileName, readFile } from "./exchange";
import { FaultList } from "./fault-list";
import { addNode, copy, freePlace, paste, remove, type Parts, type Place } from "./graph";
import { LeaveDialog } from "./leave-dialog";
import { NodePanel } from "./node-panel";
import { Palette } from "./palette";
import { Toolbar } from "./toolbar";
import { useDraft } from "./use-draft";
import { useShortcuts } from "./use-shortcuts";
import { VariablesPanel } from "./variables-panel";

const words = texts.editor;

/** Edits a draft: palette, canvas, and what is chosen on it. */
export default function Editor({ opened, types }: { opened: TaggedFlow; types: readonly NodeType[] }) {
  const { user } = useConsole();
  const navigate = useNavigate();
  const draft = useDraft(opened);
  const [selection, setSelection] = useState<Selection>(NOTHING);
  const [clipboard, setClipboard] = useState<Parts | null>(null);
  const [notice, setNotice] = useState<string | null>(null);
  const byName = useMemo(() => new Map(types.map((type) => [type.type, type])), [types]);

  const { definition, flow, edit } = draft;
  const chosenNodes = definition.nodes.filter(({ id }) => selection.nodes.has(id));
  const isChosen = selection.nodes.size + selection.wires.size > 0;
  const refusal = whyNot(user, "author") ?? (flow.status === "draft" ? null : words.notADraft);

  function choose(ids: readonly string[]) {
    setSelection({ nodes: new Set(ids), wires: new Set() });
  }

  /** Put what was made of the definition in its place, and choose what is new in it. */
  function put(made: Definition, ids: readonly string[]) {
    edit(() => made);
    choose(ids);
  }

  function add(type: string, place?: Place, config?: Record<string, unknown>) {
    const after = [...selection.nodes].at(-1);
    const { definition: made, id } = addNode(definition, type, place ?? freePlace(definition, after), config);
    put(made, [id]);
  }

  const actions = {
    undo: { possible: draft.canUndo, act: draft.undo },
    redo: { possible: draft.canRedo, act: draft.redo },
    cut: {
      possible: chosenNodes.length > 0,
      act: () => {
        setClipboard(copy(definition, selection.nodes));
        put(remove(definition, selection.nodes, selection.wires), []);
      },
    },
    copy: {
      possible: chosenNodes.length > 0,
      act: () => {
        setClipboard(copy(definition, selection.nodes));
      },
    },
    paste: {
      possible: clipboard !== null,
      act: () => {
        if (clipboard === null) return;
        const { definition: made, ids } = paste(definition, clipboard);
        put(made, ids);
        setClipboard(copy(made, new Set(ids))); // the next copies lie beside these
      },
    },
    all: {
      possible: definition.nodes.length > 0,
      act: () => {
        setSelection({
          nodes: new Set(definition.nodes.map(({ id }) => id)),
          wires: new Set(definition.connections.map((wire) => edgeOf(wire).id)),
        });
      },
    },
    remove: {
      possible: isChosen,
      act: () => {
        put(remove(definition, selection.nodes, selection.wires), []);
      },
    },
    save: { possible: refusal === null && draft.unsaved && !draft.working, act: () => void draft.save() },
  };

  useShortcuts((shortcut) => {
    const { possible, act } = actions[shortcut];
    if (possible) act();
    return possible || shortcut === "save"; // the browser's own saving would store the page
  });

  function importFile(name: string, text: string) {
    const read = readFile(text);
    switch (read.kind) {
      case "definition":
        put(read.definition, []);
        setNotice(words.dropped(read.definition.nodes.length));
        break;
      case "node-red":
        add(NATIVE_TYPE, undefined, { flows: read.nodes });
        setNotice(words.importedNative(read.nodes.length));
        break;
      case "unreadable":
        setNotice(words.unreadable(name));
    }
  }

  async function leaveWhenPublished(published: Promise<unknown>) {
    if ((await published) === null) return;
    // A dialog was open until now, so nothing has been changed since: nobody needs to be asked.
    await navigate({ to: "/flows/$id", params: { id: flow.id }, ignoreBlocker: true });
  }

  const tools = (["undo", "redo", "cut", "copy", "paste", "remove"] as const).map((name) => ({
    label: words[name],
    disabled: !actions[name].possible,
    act: actions[name].act,
  }));
  const { conflict } = draft;
  return (
    <>
      <LeaveDialog unsaved={draft.unsaved} />
      {conflict !== null && (
        <ConflictDialog
          conflict={conflict}
          definition={definition}
          draft={draft}
          onMine={() => {
            const done = draft.keepMine(conflict);
            if (conflict.wanted === "publish") void leaveWhenPublished(done);
          }}
        />
      )}
      <Toolbar
        draft={draft}
        tools={[
          ...tools,
          {
            label: words.exportFile,
            disabled: false,
            act: () => {
              download(fileName(flow), exported(flow, definition));
            },
          },
        ]}
        refusal={refusal}
        onImport={importFile}
        onPublish={() => leaveWhenPublished(draft.publish())}
      />
      {notice !== null && (
        <p className="notice" role="status">
          {notice}
        </p>
      )}
      {draft.error !== null && draft.faults.length === 0 && <ProblemNotice error={draft.error} />}
      <FaultList
        faults={draft.faults}
        definition={definition}
        onChoose={(id) => {
          choose([id]);
        }}
      />
      <div className="editor">
        <Palette types={types} onAdd={add} />
        <div className="editor-middle">
          <EditorCanvas
            definition={definition}
            types={byName}
            faults={draft.faults}
            selection={selection}
            onSelect={setSelection}
            onEdit={edit}
            onDropType={add}
          />
          <p className="muted">{words.keys}</p>
        </div>
        <div className="editor-side">
          {chosenNodes.length === 1 && selection.wires.size === 0 ? (
            chosenNodes.map((node) => (
              <NodePanel
                key={node.id}
                node={node}
                type={byName.get(node.type)}
                types={byName}
                definition={definition}
                faults={draft.faults}
                onEdit={edit}
              />
            ))
          ) : (
            <Panel title={words.node}>
              <p className="muted">
                {isChosen ? words.severalChosen(selection.nodes.size, selection.wires.size) : words.nothingChosen}
              </p>
            </Panel>
          )}
          <VariablesPanel definition={definition} onEdit={edit} />
          <ChecksPanel definition={definition} faults={draft.faults} onEdit={edit} />
        </div>
      </div>
    </>
  );
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
