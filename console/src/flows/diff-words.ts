import { texts } from "../texts";
import type { Change } from "./diff";

export const SIGNS = { added: "+", removed: "−", changed: "~", rewired: "⇄" };

export function shown(value: unknown): string {
  return value === undefined ? texts.flow.absent : JSON.stringify(value);
}

/** `pin: 4 → 17`; settings are told without the part that they are in. */
export function changeText({ path, before, after }: Change): string {
  return `${path.replace(/^config\./, "")}: ${shown(before)} → ${shown(after)}`;
}
