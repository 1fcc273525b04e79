import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { versionQuery } from "../api/queries";
import type { Definition, Flow, Version } from "../api/types";
import { ProblemNotice } from "../components/problem";
import { useConsole } from "../session/context";
import { texts } from "../texts";
import { DiffView } from "./diff-view";

const words = texts.flow;
// The canvas is larger than the rest of the console: it comes when it is looked at.
const DiffCanvas = lazy(() => import("./diff-canvas"));

const DRAFT = 0; // stands for the draft among version numbers, which start at 1

/** Two versions of a flow, or one and the draft, and what differs. */
export function ComparePanel({ flow }: { flow: Flow }) {
  const latest = flow.latest_version ?? 0;
  const choices = [
    ...(flow.status === "draft" ? [DRAFT] : []),
    ...Array.from({ length: latest }, (_, index) => latest - index),
  ];
  const [after, setAfter] = useState(choices[0] ?? DRAFT);
  const [before, setBefore] = useState(choices[1] ?? DRAFT);
  const old = useDefinition(flow, before);
  const now = useDefinition(flow, after);

  if (choices.length < 2) return <p className="muted">{words.oneVersion}</p>;
  const error = old.error ?? now.error;
  return (
    <>
      <div className="compare">
        <VersionChoice label={words.compareFrom} choices={choices} value={before} onChange={setBefore} />
        <VersionChoice label={words.compareTo} choices={choices} value={after} onChange={setAfter} />
      </div>
      {error !== null && <ProblemNotice error={error} />}
      {old.definition && now.definition ? (
        <>
          <Suspense fallback={<p className="canvas muted">{texts.common.loading}</p>}>
            <DiffCanvas key={`${before} ${after}`} before={old.definition} after={now.definition} />
          </Suspense>
          <DiffView before={old.definition} after={now.definition} />
        </>
      ) : (
        error === null && <p className="muted">{texts.common.loading}</p>
      )}
    </>
  );
}

function VersionChoice({
  label,
  choices,
  value,
  onChange,
}: {
  label: string;
  choices: readonly number[];
  value: number;
  onChange: (version: number) => void;
}) {
  return (
    <label className="compare-side">
      {label}{" "}
      <select
        value={value}
        onChange={(event) => {
          onChange(Number(event.target.value));
        }}
      >
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice === DRAFT ? words.draft : words.version(choice)}
          </option>
        ))}
      </select>
    </label>
  );
}

function useDefinition(flow: Flow, version: number): { definition: Definition | undefined; error: Error | null } {
  const { api } = useConsole();
  const query: UseQueryResult<Version> = useQuery({
    ...versionQuery(api, flow.id, version),
    enabled: version !== DRAFT,
  });
  return version === DRAFT
    ? { definition: flow.definition, error: null }
    : { definition: query.data?.definition, error: query.error };
}
