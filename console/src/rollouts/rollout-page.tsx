import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { changesOf, deploymentHistoryQuery, deploymentQuery } from "../api/queries";
import type { Deployment, DeploymentEvent, WaitsFor } from "../api/types";
import { Fact, Facts, PageHead, Panel } from "../components/panel";
import { ProblemNotice } from "../components/problem";
import { Status } from "../components/status";
import { Time } from "../components/time";
import { useConsole } from "../session/context";
import { texts } from "../texts";
import { devices } from "../wording";
import { ActionButtons } from "./action-buttons";
import { DevicesPanel } from "./devices-panel";
import { FailureReasons } from "./failure-reasons";
import { Gauges } from "./gauges";
import { StepsRow } from "./steps-row";
import { Timeline } from "./timeline";
import { useFailed, useTargets } from "./use-targets";
import { WaveGrid, type Range } from "./wave-grid";
import { countByWave, wavesOf } from "./waves";

const words = texts.rollout;
const NO_EVENTS: DeploymentEvent[] = [];

/** One rollout, live. */
export function RolloutPage({ id }: { id: string }) {
  const { api } = useConsole();
  const query = useQuery(deploymentQuery(api, id));
  return (
    <div className="page">
      {query.error && <ProblemNotice error={query.error} retry={() => void query.refetch()} />}
      {query.data ? (
        <Rollout deployment={query.data} />
      ) : (
        query.isPending && <p className="muted">{texts.common.loading}</p>
      )}
    </div>
  );
}

function Rollout({ deployment }: { deployment: Deployment }) {
  const { api } = useConsole();
  const client = useQueryClient();
  const since = changesOf(deployment);
  const history = useQuery(deploymentHistoryQuery(api, client, deployment.id, since));
  const events = history.data ?? NO_EVENTS;
  const targets = useTargets(deployment);
  const failed = useFailed(deployment, targets);
  const [range, setRange] = useState<Range | null>(null);

  const waves = useMemo(() => {
    const told = wavesOf(deployment, events);
    // The switch of a blue-green rollout moves targets from the first wave to the second: only the history tells both.
    // So it is with a rollback, after which no target says how its wave ended.
    const exact = targets.complete && deployment.strategy !== "blue_green" && deployment.rollbacks === 0;
    return exact ? countByWave(told, targets.loaded) : told;
  }, [deployment, events, targets.complete, targets.loaded]);

  const known = { events, targets: targets.loaded, complete: targets.complete };

  return (
    <>
      <PageHead
        back={
          <Link to="/rollouts" className="back">
            {words.back}
          </Link>
        }
        title={<span className="mono">{deployment.id}</span>}
        lead={
          <p className="status-line">
            <Status of={deployment.status} strong /> <span>{deployment.status_reason}</span>
            {deployment.waits_for && <Waits on={deployment.waits_for} />}
          </p>
        }
        tools={<ActionButtons deployment={deployment} known={known} />}
      />
      <Panel title={words.steps} note={texts.strategies[deployment.strategy].name}>
        <StepsRow deployment={deployment} events={events} />
      </Panel>
      <div className="columns">
        <div className="column-wide">
          <Gauges deployment={deployment} waves={waves} />
          <Panel title={words.waves} note={waves.length > 0 ? words.wavesLead(waves.length) : undefined}>
            <WaveGrid waves={waves} range={range} onRange={setRange} />
            {deployment.rollbacks > 0 && <p className="muted note">{words.wavesThen}</p>}
          </Panel>
          <FailureReasons deployment={deployment} events={events} failed={failed} />
          <DevicesPanel deployment={deployment} waves={waves} targets={targets} failed={failed} range={range} />
        </div>
        <div className="column-narrow">
          <FactsPanel deployment={deployment} />
          <Panel title={words.history}>
            {history.error && <ProblemNotice error={history.error} retry={() => void history.refetch()} />}
            <Timeline events={events} />
          </Panel>
        </div>
      </div>
    </>
  );
}

function Waits({ on }: { on: WaitsFor }) {
  return (
    <span className={on.overdue ? "overdue" : "muted"}>
      {words.waitsFor(on.sentence)} {on.overdue && <b>{words.overdue}</b>}
    </span>
  );
}

function FactsPanel({ deployment }: { deployment: Deployment }) {
  const { config, execution, rollback_execution: rollbackExecution } = deployment;
  return (
    <Panel title={words.facts}>
      <Facts>
        <Fact name={words.flow}>
          <Link to="/flows/$id" params={{ id: deployment.flow_id }} className="mono">
            {deployment.flow_id}
          </Link>{" "}
          {texts.rollouts.versionOr(deployment.flow_version)}
        </Fact>
        <Fact name={words.strategy}>{texts.strategies[deployment.strategy].does(config)}</Fact>
        <Fact name={words.targets}>
          {deployment.total_targets === null ? texts.rollouts.unresolved : devices(deployment.total_targets)}
        </Fact>
        {deployment.target_groups.length > 0 && <Fact name={words.groups}>{deployment.target_groups.join(", ")}</Fact>}
        <Fact name={words.timeout}>{config.timeout}</Fact>
        <Fact name={words.afterBreach}>{config.auto_rollback ? words.rollsBack : words.stops}</Fact>
        <Fact name={words.health}>{config.health_check ? words.onFor(config.health_window ?? null) : words.off}</Fact>
        <Fact name={words.offline}>{words.offlineDevices[config.offline ?? "wait"]}</Fact>
        <Fact name={words.created}>
          <Time at={deployment.created_at} /> {texts.events.by(deployment.created_by)}
        </Fact>
        <Fact name={words.started}>
          <Time at={deployment.started_at} />
        </Fact>
        <Fact name={words.finished}>
          <Time at={deployment.finished_at} />
        </Fact>
        {deployment.retry_of !== null && <Related name={words.retryOf} id={deployment.retry_of} />}
        {deployment.retried_by !== null && <Related name={words.retriedBy} id={deployment.retried_by} />}
      </Facts>
      <p className="links">
        {execution && <Outward href={execution.console_url}>{words.execution}</Outward>}
        {rollbackExecution && <Outward href={rollbackExecution.console_url}>{words.rollbackExecution}</Outward>}
      </p>
    </Panel>
  );
}

function Related({ name, id }: { name: string; id: string }) {
  return (
    <Fact name={name}>
      <Link to="/rollouts/$id" params={{ id }} className="mono">
        {id}
      </Link>
    </Fact>
  );
}

function Outward({ href, children }: { href: string; children: string }) {
  return (
    <a href={href} target="_blank" rel="noreferrer">
      {children} ↗
    </a>
  );
}
