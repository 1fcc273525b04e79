import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Tabs } from "radix-ui";
import { lazy, Suspense } from "react";
import { flowHistoryQuery, flowQuery } from "../api/queries";
import type { Definition, Flow, FlowEvent } from "../api/types";
import { PageHead } from "../components/panel";
import { ProblemNotice } from "../components/problem";
import { Status } from "../components/status";
import { NewRolloutLink } from "../rollouts/new-rollout-link";
import { entriesOf, Entries } from "../rollouts/timeline";
import { useConsole } from "../session/context";
import { texts } from "../texts";
import { ComparePanel } from "./compare-panel";
import { EditDetailsButton } from "./edit-details-button";
import { EditFlowLink } from "./edit-flow-link";
import { describeFlowEvent } from "./history";
import { VersionsTable } from "./versions-table";

const words = texts.flow;
const NO_EVENTS: FlowEvent[] = [];

// The canvas is larger than the rest of the console: it comes when it is looked at.
const FlowCanvas = lazy(() => import("./flow-canvas"));

/** One flow: its graph, its versions, what differs between them, and its history. */
export function FlowPage({ id }: { id: string }) {
  const { api } = useConsole();
  const query = useQuery(flowQuery(api, id));
  return (
    <div className="page">
      {query.error && <ProblemNotice error={query.error} retry={() => void query.refetch()} />}
      {query.data ? <Shown flow={query.data} /> : query.isPending && <p className="muted">{texts.common.loading}</p>}
    </div>
  );
}

function Shown({ flow }: { flow: Flow }) {
  return (
    <>
      <PageHead
        back={
          <Link to="/flows" className="back">
            {words.back}
          </Link>
        }
        title={flow.name}
        lead={
          <>
            <p className="status-line">
              <Status of={flow.status} strong /> <span>{words.draftOf(flow.latest_version)}</span>
              <span className="muted mono">{flow.id}</span>
              {flow.tags.map((tag) => (
                <span key={tag} className="tag">
                  {tag}
                </span>
              ))}
            </p>
            {flow.latest_version !== null && (
              <p className="links">
                <Link to="/fleet" search={{ flow: flow.id }}>
                  {words.devices}
                </Link>
              </p>
            )}
            {flow.description !== "" && <p className="description">{flow.description}</p>}
            <OpenDeployments ids={flow.open_deployments} />
          </>
        }
        tools={
          <>
            <EditDetailsButton flow={flow} />
            <EditFlowLink flow={flow} />
            {flow.latest_version !== null && <NewRolloutLink label={texts.newRollout.openFor} flowId={flow.id} />}
          </>
        }
      />
      <Tabs.Root defaultValue="graph" className="tabs">
        <Tabs.List className="tab-list" aria-label={words.tabsLabel}>
          {(["graph", "versions", "compare", "history"] as const).map((tab) => (
            <Tabs.Trigger key={tab} value={tab} className="tab">
              {words.tabs[tab]}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <Tabs.Content value="graph">
          <Graph definition={flow.definition} />
        </Tabs.Content>
        <Tabs.Content value="versions">
          <VersionsTable flow={flow} />
        </Tabs.Content>
        <Tabs.Content value="compare">
          <ComparePanel flow={flow} />
        </Tabs.Content>
        <Tabs.Content value="history">
          <FlowHistory flow={flow} />
        </Tabs.Content>
      </Tabs.Root>
    </>
  );
}

function OpenDeployments({ ids }: { ids: readonly string[] }) {
  if (ids.length === 0) return null;
  return (
    <p>
      {words.openDeployments}:{" "}
      {ids.map((id) => (
        <Link key={id} to="/rollouts/$id" params={{ id }} className="mono spaced">
          {id}
        </Link>
      ))}
    </p>
  );
}

function Graph({ definition }: { definition: Definition }) {
  const { nodes, connections, variables, health_checks: checks } = definition;
  if (nodes.length === 0) return <p className="muted">{words.emptyGraph}</p>;
  return (
    <>
      <p className="muted">{words.summary(nodes.length, connections.length, variables.length, checks.length)}</p>
      <Suspense fallback={<p className="canvas muted">{texts.common.loading}</p>}>
        <FlowCanvas definition={definition} />
      </Suspense>
    </>
  );
}

function FlowHistory({ flow }: { flow: Flow }) {
  const { api } = useConsole();
  const client = useQueryClient();
  const query = useQuery(flowHistoryQuery(api, client, flow.id, flow.updated_at + flow.status));
  const events = query.data ?? NO_EVENTS;
  return (
    <>
      {query.error && <ProblemNotice error={query.error} retry={() => void query.refetch()} />}
      {query.isPending ? (
        <p className="muted">{texts.common.loading}</p>
      ) : (
        <Entries entries={entriesOf(events, describeFlowEvent)} />
      )}
    </>
  );
}
