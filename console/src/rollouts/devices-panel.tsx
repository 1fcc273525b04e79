import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { Deployment, Target } from "../api/types";
import { Choice } from "../components/choice";
import { DataTable, type Column } from "../components/data-table";
import { Panel } from "../components/panel";
import { ProblemNotice } from "../components/problem";
import { Status } from "../components/status";
import { tallyInWords } from "../components/tally-bar";
import { Time } from "../components/time";
import { texts } from "../texts";
import { number } from "../wording";
import { size, toneOf } from "./counts";
import { hasReason, Reason } from "./reason";
import { canSkip, SkipButton, SkipContext } from "./skip-button";
import { LOADED_BY_ITSELF, useWaveTargets, type Targets } from "./use-targets";
import type { Range } from "./wave-grid";
import { cellsOf, type Wave } from "./waves";

const words = texts.rollout;
const MOST_CELLS = 500;

type Only = "all" | "failed" | "open";
const ONLY = (["all", "failed", "open"] as const).map((value) => ({ value, label: words.only[value] }));

const columns: Column<Target>[] = [
  {
    id: "device",
    header: words.columns.device,
    width: "9rem",
    narrow: "6.75rem",
    cell: ({ device_id: id }) => (
      <Link to="/fleet/$id" params={{ id }} className="mono">
        {id}
      </Link>
    ),
  },
  {
    id: "status",
    header: words.columns.status,
    width: "8rem",
    cell: (target) => (
      <>
        <Status of={target.status} />
        {/* A column of its own is too narrow for it there. */}
        {hasReason(target) && (
          <div className="narrow-only">
            <Reason of={target} />
          </div>
        )}
      </>
    ),
  },
  {
    id: "wave",
    header: words.columns.wave,
    rank: 2,
    align: "end",
    width: "4.5rem",
    cell: ({ wave }) => (wave === null ? texts.common.none : number(wave)),
  },
  { id: "reason", header: words.columns.reason, rank: 2, cell: (target) => <Reason of={target} /> },
  {
    id: "before",
    header: words.columns.before,
    rank: 3,
    align: "end",
    width: "5rem",
    cell: ({ version_before: version }) => (version === null ? words.nothingBefore : texts.rollouts.version(version)),
  },
  {
    id: "finished",
    header: words.columns.finished,
    rank: 3,
    width: "8rem",
    cell: (target) => <Time at={target.finished_at} ago />,
  },
];

const withSkip: Column<Target>[] = [
  ...columns,
  {
    id: "skip",
    header: words.columns.action,
    width: "5rem",
    narrow: "4.25rem",
    cell: (target) => <SkipButton target={target} />,
  },
];

/** The devices of the rollout: each as a cell while they fit, and as a list with reasons. */
export function DevicesPanel({
  deployment,
  waves,
  targets,
  failed,
  range,
}: {
  deployment: Deployment;
  waves: readonly Wave[];
  targets: Targets;
  /** Also of targets that are not loaded. */
  failed: readonly Target[];
  range: Range | null;
}) {
  const [only, setOnly] = useState<Only>("all");
  const total = deployment.total_targets ?? targets.loaded.length;
  const wave = range !== null && range.first === range.last ? range.first : null;
  const ofWave = useWaveTargets(deployment, targets, wave);
  const inRange = useMemo(
    () => (wave !== null ? ofWave : targets.loaded.filter((target) => range === null || isIn(target, range))),
    [targets.loaded, range, wave, ofWave],
  );
  const shown = useMemo(
    () =>
      only === "failed"
        ? failed.filter((target) => range === null || isIn(target, range))
        : inRange.filter((target) => matches(target, only)),
    [inRange, failed, range, only],
  );
  const title = range === null ? words.devices : words.devicesAt(words.waveRange(range.first, range.last));
  const left = total - targets.loaded.length;
  const about = useMemo(() => ({ deployment, waves }), [deployment, waves]);

  function summaryOf(): string | undefined {
    if (targets.complete) return undefined;
    const inWave = waves.find((one) => one.number === wave);
    if (inWave !== undefined && only !== "failed") return words.waveSome(inRange.length, size(inWave.tally));
    const { failed: bad = 0, rollback_failed: stuck = 0 } = deployment.target_counts;
    return only === "failed" && range === null
      ? words.failedSome(failed.length, bad + stuck)
      : words.devicesSome(targets.loaded.length, total);
  }

  return (
    <Panel
      title={title}
      tools={<Choice label={words.filter} value={only} options={ONLY} onChange={setOnly} />}
      className="devices"
    >
      {targets.error !== null && <ProblemNotice error={targets.error} />}
      <Cells targets={inRange} />
      <SkipContext value={about}>
        <DataTable
          label={title}
          columns={canSkip(deployment) ? withSkip : columns}
          rows={shown}
          rowKey={idOf}
          more={false}
          loading={targets.loading && targets.loaded.length === 0}
          empty={emptyWords(only, targets)}
          summary={summaryOf()}
          footer={
            !targets.complete &&
            left > 0 && (
              <button type="button" className="button" disabled={targets.loading} onClick={targets.loadMore}>
                {targets.loading ? texts.common.loadingMore : words.loadAll(Math.min(left, LOADED_BY_ITSELF))}
              </button>
            )
          }
          tall
        />
      </SkipContext>
    </Panel>
  );
}

/** A picture for the eye; the list under it says the same in words. */
function Cells({ targets }: { targets: readonly Target[] }) {
  if (targets.length === 0) return null;
  return (
    <div className="cells" aria-hidden="true">
      {cellsOf(targets, MOST_CELLS).map((cell) => {
        const ids = cell.targets.map((target) => target.device_id);
        return (
          <span key={ids[0]} className={`cell tone-${cell.tone}`} title={words.cell(ids, tallyInWords(cell.tally))} />
        );
      })}
    </div>
  );
}

function idOf(target: Target): string {
  return target.device_id;
}

function isIn({ wave }: Target, range: Range): boolean {
  return wave !== null && wave >= range.first && wave <= range.last;
}

function matches(target: Target, only: "all" | "open"): boolean {
  return only === "all" || ["waiting", "busy", "staged"].includes(toneOf(target.status));
}

function emptyWords(only: Only, targets: Targets): string {
  if (targets.loaded.length === 0) return words.noTargets;
  if (only === "failed") return words.noFailed;
  return only === "open" ? words.noneOpen : words.noneHere;
}
