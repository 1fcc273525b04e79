import { useRef } from "react";
import { ConfirmButton, RefusedButton } from "../../components/confirm";
import { texts } from "../../texts";
import { EditDetailsButton } from "../edit-details-button";
import type { Draft } from "./use-draft";

const words = texts.editor;

export type Tool = { label: string; disabled: boolean; act: () => void };

/** What can be done with the draft as a whole. `refusal` says why it cannot be stored, null where it can. */
export function Toolbar({
  draft,
  tools,
  refusal,
  onImport,
  onPublish,
}: {
  draft: Draft;
  tools: readonly Tool[];
  refusal: string | null;
  onImport: (name: string, text: string) => void;
  onPublish: () => Promise<void>;
}) {
  const file = useRef<HTMLInputElement>(null);
  const next = (draft.flow.latest_version ?? 0) + 1;
  return (
    <div className="editor-tools" role="group" aria-label={words.tools}>
      {tools.map(({ label, disabled, act }) => (
        <button key={label} type="button" className="button" disabled={disabled} onClick={act}>
          {label}
        </button>
      ))}
      <button type="button" className="button" onClick={() => file.current?.click()}>
        {words.importFile}
      </button>
      <input
        ref={file}
        type="file"
        accept=".json,application/json"
        hidden
        aria-label={words.importFile}
        onChange={({ target }) => {
          const chosen = target.files?.[0];
          target.value = ""; // so that the same file can be chosen again
          if (chosen)
            void chosen.text().then((text) => {
              onImport(chosen.name, text);
            });
        }}
      />
      {refusal === null && <EditDetailsButton flow={draft.flow} onSaved={draft.rename} />}
      <span className="editor-state" role="status">
        {draft.working ? texts.actions.working : draft.unsaved ? words.unsaved : words.saved}
      </span>
      {refusal === null ? (
        <button
          type="button"
          className="button"
          disabled={draft.working || !draft.unsaved}
          onClick={() => void draft.save()}
        >
          {words.save}
        </button>
      ) : (
        <RefusedButton label={words.save} refusal={refusal} />
      )}
      {refusal === null && (
        <ConfirmButton
          label={words.publish}
          title={words.publishTitle}
          options={[{ value: "publish", label: words.publish, consequences: words.publishes(next, draft.unsaved) }]}
          refusal={null}
          act={onPublish}
        />
      )}
    </div>
  );
}
