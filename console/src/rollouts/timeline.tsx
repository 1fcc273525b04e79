import { useState } from "react";
import type { DeploymentEvent } from "../api/types";
import { isUnreadable } from "../api/unreadable";
import { Time } from "../components/time";
import { texts } from "../texts";
import { describe, type Mark } from "./history";

const AT_FIRST = 30;

type Told = { text: string; mark: Mark };
type Event = { sequence: number; at: string; actor: { kind: string; name: string } };
/** `by` is null where the event's record is damaged. */
export type Entry = Told & { sequence: number; by: { at: string; name: string } | null };

/** Tell each event as `describe` does. */
export function entriesOf<Any extends Event>(events: readonly Any[], describe: (event: Any) => Told): Entry[] {
  return events.map((event) => {
    const { sequence } = event;
    if (isUnreadable(event)) return { sequence, text: texts.events.unreadable, mark: "bad", by: null };
    const { kind, name } = event.actor;
    return {
      sequence,
      ...describe(event),
      by: { at: event.at, name: kind === "system" ? texts.events.part(name) : name },
    };
  });
}

/** What happened to a rollout, newest first. */
export function Timeline({ events }: { events: readonly DeploymentEvent[] }) {
  return <Entries entries={entriesOf(events, describe)} />;
}

/** Entries in the order they happened; shown newest first, and all of them when asked for. */
export function Entries({ entries }: { entries: readonly Entry[] }) {
  const [all, setAll] = useState(false);
  if (entries.length === 0) return <p className="muted">{texts.rollout.noHistory}</p>;
  const newest = entries.toReversed();
  const shown = all ? newest : newest.slice(0, AT_FIRST);
  return (
    <>
      <ol className="timeline">
        {shown.map((entry) => (
          <li key={entry.sequence} className={`mark-${entry.mark}`}>
            <span className="timeline-text">{entry.text}</span>
            {entry.by !== null && (
              <span className="muted">
                <Time at={entry.by.at} /> {texts.events.by(entry.by.name)}
              </span>
            )}
          </li>
        ))}
      </ol>
      {shown.length < newest.length && (
        <button
          type="button"
          className="button"
          onClick={() => {
            setAll(true);
          }}
        >
          {texts.common.more}
        </button>
      )}
    </>
  );
}
