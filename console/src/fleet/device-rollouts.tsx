import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { deviceDeploymentsQuery } from "../api/queries";
import type { DeviceDeployment } from "../api/types";
import { isUnreadable } from "../api/unreadable";
import { DataTable, type Column } from "../components/data-table";
import { Panel } from "../components/panel";
import { ProblemNotice } from "../components/problem";
import { Status } from "../components/status";
import { createdColumn, deploymentColumn, flowColumn, strategyColumn } from "../rollouts/columns";
import { Reason } from "../rollouts/reason";
import { useConsole } from "../session/context";
import { texts } from "../texts";

const words = texts.device;

const columns: Column<DeviceDeployment>[] = [
  { ...deploymentColumn, width: "8rem" },
  { id: "outcome", header: words.outcome, width: "8rem", cell: ({ target }) => <Outcome of={target} /> },
  { ...flowColumn, width: "9rem" },
  strategyColumn,
  {
    id: "reason",
    header: texts.rollout.columns.reason,
    rank: 3,
    cell: ({ target }) => target !== null && !isUnreadable(target) && <Reason of={target} />,
  },
  createdColumn,
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
