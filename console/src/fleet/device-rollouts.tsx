import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { deviceDeploymentsQuery } from "../api/queries";
import type { DeviceDeployment } from "../api/types";
import { isUnreadable } from "../api/unreadable";
import { DataTable, type Column } from "../components/data-table";
import { Id } from "../components/id";
import { Panel } from "../components/panel";
import { ProblemNotice } from "../components/problem";
import { Status } from "../components/status";
import { Time } from "../components/time";
import { Reason } from "../rollouts/reason";
import { useConsole } from "../session/context";
import { texts } from "../texts";

const words = texts.device;

const columns: Column<DeviceDeployment>[] = [
  {
    id: "deployment",
    header: texts.rollouts.columns.deployment,
    width: "8rem",
    cell: ({ id }) => (
      <Link to="/rollouts/$id" params={{ id }}>
        <Id>{id}</Id>
      </Link>
    ),
  },
  { id: "outcome", header: words.outcome, width: "8rem", cell: ({ target }) => <Outcome of={target} /> },
  {
    id: "flow",
    header: texts.rollouts.columns.flow,
    rank: 2,
    width: "9rem",
    cell: ({ flow_id: id, flow_version: version }) => (
      <span className="flow-cell">
        <Link to="/flows/$id" params={{ id }}>
          <Id>{id}</Id>
        </Link>
        <span className="muted">{texts.rollouts.versionOr(version)}</span>
      </span>
    ),
  },
  {
    id: "strategy",
    header: texts.rollouts.columns.strategy,
    rank: 3,
    width: "7rem",
    cell: ({ strategy }) => texts.strategies[strategy].name,
  },
  {
    id: "reason",
    header: texts.rollout.columns.reason,
    rank: 3,
    cell: ({ target }) => target !== null && !isUnreadable(target) && <Reason of={target} />,
  },
  {
    id: "created",
    header: texts.rollouts.columns.created,
    rank: 2,
    width: "7rem",
    cell: (row) => <Time at={row.created_at} ago />,
  },
];

/** The rollouts that were planned for a device, newest first, and how each ended for it. */
export function DeviceRollouts({ id }: { id: string }) {
  const { api } = useConsole();
  const query = useInfiniteQuery(deviceDeploymentsQuery(api, id));
  const { fetchNextPage } = query;
  const rows = useMemo(() => (query.data?.pages ?? []).flatMap((page) => page.deployments), [query.data]);
  return (
    <Panel title={texts.rollouts.title} className="devices">
      {query.error && <ProblemNotice error={query.error} retry={() => void query.refetch()} />}
      {(query.data !== undefined || query.isPending) && (
        <DataTable
          label={texts.rollouts.title}
          columns={columns}
          rows={rows}
          rowKey={(row) => row.id}
          more={query.hasNextPage}
          loadMore={() => void fetchNextPage()}
          loading={query.isFetchingNextPage || query.isPending}
          empty={words.noRollouts}
          tall
        />
      )}
    </Panel>
  );
}

function Outcome({ of }: { of: DeviceDeployment["target"] }) {
  if (of === null) return <span className="muted">{texts.common.none}</span>;
  return isUnreadable(of) ? <span className="bad">{texts.common.unreadable}</span> : <Status of={of.status} />;
}
