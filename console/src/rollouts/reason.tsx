import type { Target } from "../api/types";
import { texts } from "../texts";
import { reasonInWords } from "./failure-reasons";

const words = texts.rollout;

export function hasReason({ reason, message, waits_for: wait, reached_late: isLate }: Target): boolean {
  return reason !== null || message !== null || wait !== null || isLate === true;
}

/** Why a target is what it is: its reason and message, what it waits for, and that it succeeded late. */
export function Reason({ of }: { of: Target }) {
  if (!hasReason(of)) return <span className="muted">{texts.common.none}</span>;
  const wait = of.waits_for?.sentence ?? null;
  return (
    <span className="reason">
      {of.reached_late && <span className="reason-late">{words.reachedLate(of.status)} </span>}
      {of.reason !== null && <span className="reason-code">{reasonInWords(of.reason)}</span>}
      {of.message !== null && <span className="muted"> {of.message}</span>}
      {wait !== null && <span>{wait}</span>}
    </span>
  );
}
