import { useEffect, useEffectEvent } from "react";

export type Shortcut = "undo" | "redo" | "cut" | "copy" | "paste" | "all" | "remove" | "save";

/**
 * Call `act` for the keys that editors have in common. Keys typed into a field are the field's, but for saving, and those
 * in a dialog are the dialog's. `act` says whether it did something; otherwise the browser does with the key what it would.
 */
export function useShortcuts(act: (shortcut: Shortcut) => boolean): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    const shortcut = shortcutOf(event);
    if (shortcut !== null && act(shortcut)) event.preventDefault();
  });
  useEffect(() => {
    document.addEventListener("keydown", press);
    return () => {
      document.removeEventListener("keydown", press);
    };
  }, []);
}

function shortcutOf(event: KeyboardEvent): Shortcut | null {
  const target = event.target instanceof Element ? event.target : document.body;
  if (target.closest("[role=dialog], [role=alertdialog]") !== null) return null;
  const key = event.key.toLowerCase();
  const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey;
  if (isCommand && key === "s") return "save";
  if (target.closest("input, textarea, select") !== null) return null;
  const isOnCanvas = target === document.body || target.closest(".editor-canvas") !== null;
  if (!isCommand) {
    return isOnCanvas && (key === "delete" || key === "backspace") ? "remove" : null;
  }
  switch (key) {
    case "z":
      return event.shiftKey ? "redo" : "undo";
    case "y":
      return "redo";
    case "a":
      return isOnCanvas ? "all" : null;
    case "c":
    case "x":
      // Text that is selected is what is meant.
      if (document.getSelection()?.isCollapsed === false) return null;
      return key === "c" ? "copy" : "cut";
    case "v":
      return "paste";
    default:
      return null;
  }
}
