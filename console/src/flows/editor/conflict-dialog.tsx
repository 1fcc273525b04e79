import { AlertDialog } from "radix-ui";
import type { Definition } from "../../api/types";
import { texts } from "../../texts";
import { DiffView } from "../diff-view";
import type { Conflict, Draft } from "./use-draft";

const words = texts.editor;

/** Somebody else stored another draft meanwhile: shows what differs, and lets choose. Nothing is lost by going on. */
export function ConflictDialog({
  conflict,
  definition,
  draft,
  onMine,
}: {
  conflict: Conflict;
  definition: Definition;
  draft: Draft;
  onMine: () => void;
}) {
  const { status, definition: theirs } = conflict.stored.flow;
  return (
    <AlertDialog.Root
      open
      onOpenChange={(open) => {
        if (!open && !draft.working) draft.goOn();
      }}
    >
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="overlay" />
        <AlertDialog.Content className="dialog dialog-wide">
          <AlertDialog.Title className="dialog-title">{words.conflictTitle}</AlertDialog.Title>
          <AlertDialog.Description>{status === "draft" ? words.conflictLead : words.notADraft}</AlertDialog.Description>
          <div className="dialog-scroll">
            <DiffView before={theirs} after={definition} />
          </div>
          <p className="muted">{words.conflictHint}</p>
          <div className="dialog-buttons">
            <AlertDialog.Cancel className="button">{words.goOn}</AlertDialog.Cancel>
            <button
              type="button"
              className="button"
              disabled={draft.working}
              onClick={() => {
                draft.takeTheirs(conflict);
              }}
            >
              {words.takeTheirs}
            </button>
            {status === "draft" && (
              <button type="button" className="button button-danger" disabled={draft.working} onClick={onMine}>
                {words.keepMine}
              </button>
            )}
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
