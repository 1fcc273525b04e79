import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { offlineQuery, type Offline } from "../api/queries";
import type { DeploymentConfig } from "../api/types";
import { DataTable, type Column } from "../components/data-table";
import { Panel } from "../components/panel";
import { ProblemNotice } from "../components/problem";
import { useConsole } from "../session/context";
import { texts } from "../texts";
import { number, span } from "../wording";
import type { Draft } from "./draft";
import { fullWaves, idsIn, MOST_WAVES, outlineOf, previewOf, type PlannedWave, type Preview } from "./preview";
import { configOf } from "./settings";
import { waveSizes } from "./waves";

const words = texts.newRollout.preview;
const NOBODY: Offline = { devices: new Set(), announced: new Set(), complete: true };

const columns: Column<PlannedWave>[] = [
  {
    id: "wave",
    header: words.columns.wave,
    width: "4rem",
    narrow: "3.25rem",
    align: "end",
    cell: (wave) => number(wave.number),
  },
  {
    id: "devices",
    header: words.columns.devices,
    width: "5rem",
    narrow: "4.5rem",
    align: "end",
    cell: (wave) => number(wave.devices.length),
  },
  {
    id: "who",
    header: words.columns.who,
    cell: ({ devices }) => (
      <span className="mono" title={devices.slice(0, 20).join(", ")}>
        {words.who(devices)}
      </span>
    ),
  },
  { id: "begins", header: words.columns.begins, rank: 2, width: "9rem", cell: (wave) => words.begins(wave.begins) },
  {
    id: "offline",
    header: words.columns.offline,
    width: "7rem",
    narrow: "6.5rem",
    align: "end",
    cell: (wave) => <span className={wave.risk === null ? "muted" : "bad"}>{number(wave.offline)}</span>,
  },
];

/** The waves that this would have, how long they would take, and how many of their devices are offline now. */
export function PreviewPanel({ draft }: { draft: Draft }) {
  const { api } = useConsole();
  const query = useQuery(offlineQuery(api));
  const known = query.data ?? NOBODY;
  const { strategy, settings, action } = draft;
  const devices = useMemo(() => idsIn(draft.devices), [draft.devices]);
  const config = useMemo(() => configOf(strategy, settings), [strategy, settings]);
  const tooMany = config !== null && waveSizes(devices.length, strategy, config).length > MOST_WAVES;
  const preview = useMemo(
    () =>
      config === null || tooMany
        ? null
        : previewOf(devices, strategy, config, (device) => known.devices.has(device), action === "remove"),
    [devices, strategy, config, known, action, tooMany],
  );
  const announced = devices.filter((device) => known.announced.has(device));
  const groups = idsIn(draft.groups);
  return (
    <Panel
      title={words.title}
      className="preview"
      tools={
        <button type="button" className="button" disabled={query.isFetching} onClick={() => void query.refetch()}>
          {words.lookAgain}
        </button>
      }
    >
      {query.error && <ProblemNotice error={query.error} />}
      {groups.length > 0 && <p>{words.groups(groups)}</p>}
      {announced.length > 0 && <p className="bad">{words.announced(announced)}</p>}
      {action === "remove" && <p className="muted">{words.removal}</p>}
      {preview === null || config === null ? (
        <p className="muted">{words.faulty}</p>
      ) : groups.length > 0 ? (
        <WithGroups preview={preview} draft={draft} config={config} known={query.data} />
      ) : preview.total === 0 ? (
        <p className="muted">{words.nobody}</p>
      ) : (
        <>
          <Summary preview={preview} offlineKnown={query.data !== undefined} complete={known.complete} />
          <Risks waves={preview.waves} config={config} />
          <Waves waves={preview.waves} />
        </>
      )}
    </Panel>
  );
}

function Waves({ waves, summary }: { waves: readonly PlannedWave[]; summary?: string }) {
  return (
    <DataTable
      label={words.title}
      columns={columns}
      rows={[...waves]}
      rowKey={(wave) => String(wave.number)}
      more={false}
      loading={false}
      empty={words.nobody}
      summary={summary}
      tall
    />
  );
}

/** What is true whoever is in the groups: how waves are cut, what they take, and those that the devices named fill. */
function WithGroups({
  preview,
  draft,
  config,
  known,
}: {
  preview: Preview;
  draft: Draft;
  config: DeploymentConfig;
  known: Offline | undefined;
}) {
  const { waves, times, delay } = outlineOf(draft.strategy, config, draft.action === "remove");
  const full = fullWaves(preview, config);
  const [soonest, longest] = [span(times.soonest), span(times.longest)];
  return (
    <>
      <ul className="preview-summary" aria-live="polite">
        <li>{words.cut[draft.strategy](config)}</li>
        <li>{waves === null ? words.lastsEach(soonest, longest, span(delay)) : words.lasts(soonest, longest)}</li>
        {preview.total > 0 && known && (
          <li>{words.offlineNamed(words.offline(preview.offline, preview.total, known.complete))}</li>
        )}
      </ul>
      {full.length > 0 && (
        <>
          <Risks waves={full} config={config} />
          <Waves waves={full} summary={words.full} />
        </>
      )}
    </>
  );
}

function Summary({ preview, offlineKnown, complete }: { preview: Preview; offlineKnown: boolean; complete: boolean }) {
  return (
    <ul className="preview-summary" aria-live="polite">
      <li>{words.summary(preview.total, preview.waves.length)}</li>
      <li>{words.lasts(span(preview.soonest), span(preview.longest))}</li>
      <li>{offlineKnown ? words.offline(preview.offline, preview.total, complete) : words.offlineUnknown}</li>
    </ul>
  );
}

/** What is likely to go wrong: the first wave of each kind of risk, which is the one that would stop the rollout. */
function Risks({ waves, config }: { waves: readonly PlannedWave[]; config: DeploymentConfig }) {
  const breach = waves.find((wave) => wave.risk === "breach");
  const noCanary = waves.some((wave) => wave.risk === "no_canary");
  const empty = waves.filter((wave) => wave.risk === "nobody");
  return (
    <>
      {breach && (
        <p className="bad">
          {words.breach(breach.number, breach.offline, breach.tolerated, config.timeout, config.auto_rollback)}
        </p>
      )}
      {noCanary && <p className="bad">{words.noCanary}</p>}
      {empty.length > 0 && <p className="bad">{words.emptyWaves(empty.map((wave) => wave.number))}</p>}
    </>
  );
}
