import type { Target } from "../api/types";
import { texts } from "../texts";
import { reasonInWords } from "./failure-reasons";

const words = texts.rollout;

/** Why a target is what it is: its reason and message, what it waits for, and that it succeeded late. */
export function Reason({ of }: { of: Target }) {
  const wait = of.waits_for?.sentence ?? null;
  if (of.reason === null && of.message === null && wait === null && !of.reached_late) {
    return <span className="muted">{texts.common.none}</span>;
  }
  return (
    <span className="reason" title={of.message ?? wait ?? undefined}>
      {of.reached_late && <span className="reason-late">{words.reachedLate(of.status)} </span>}
      {of.reason !== null && <span className="reason-code">{reasonInWords(of.reason)}</span>}
      {of.message !== null && <span className="muted"> {of.message}</span>}
      {wait !== null && <span>{wait}</span>}
    </span>
  );
}
