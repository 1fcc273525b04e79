import { useBlocker } from "@tanstack/react-router";
import { AlertDialog } from "radix-ui";
import { texts } from "../../texts";

const words = texts.editor;

/** Asks whoever leaves the page, by a link or by closing it, while something is not saved. */
export function LeaveDialog({ unsaved }: { unsaved: boolean }) {
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: () => unsaved,
    enableBeforeUnload: () => unsaved,
    withResolver: true,
  });
  if (status !== "blocked") return null;
  return (
    <AlertDialog.Root open>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="overlay" />
        <AlertDialog.Content className="dialog">
          <AlertDialog.Title className="dialog-title">{words.leaveTitle}</AlertDialog.Title>
          <AlertDialog.Description>{words.leaveLead}</AlertDialog.Description>
          <div className="dialog-buttons">
            <AlertDialog.Cancel className="button" onClick={reset}>
              {words.stay}
            </AlertDialog.Cancel>
            <button type="button" className="button button-danger" onClick={proceed}>
              {words.leave}
            </button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
