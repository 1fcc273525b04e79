import { useState } from "react";
import type { DeploymentEvent } from "../api/types";
import { Time } from "../components/time";
import { texts } from "../texts";
import { describe, type Mark } from "./history";

const AT_FIRST = 30;

export type Entry = { sequence: number; at: string; actor: { kind: string; name: string }; text: string; mark: Mark };

/** What happened to a rollout, newest first. */
export function Timeline({ events }: { events: readonly DeploymentEvent[] }) {
  return <Entries entries={events.map((event) => ({ ...event, ...describe(event) }))} />;
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
            <span className="muted">
              <Time at={entry.at} />{" "}
              {texts.events.by(entry.actor.kind === "system" ? texts.events.part(entry.actor.name) : entry.actor.name)}
            </span>
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
