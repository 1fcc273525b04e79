import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { deploymentsQuery } from "../api/queries";
import type { DeploymentStatus, DeploymentSummary } from "../api/types";
import { DEPLOYMENT_STATUSES } from "../api/values";
import { Choice } from "../components/choice";
import { DataTable, type Column } from "../components/data-table";
import { PageHead } from "../components/panel";
import { ProblemNotice } from "../components/problem";
import { Status, wordFor } from "../components/status";
import { TallyBar } from "../components/tally-bar";
import { useConsole } from "../session/context";
import { texts } from "../texts";
import { number } from "../wording";
import { createdColumn, deploymentColumn, flowColumn, strategyColumn } from "./columns";
import { NewRolloutLink } from "./new-rollout-link";
import { settled, tallyOf } from "./counts";

const words = texts.rollouts;

const FILTERS = [
  { value: "all", label: texts.common.all },
  ...DEPLOYMENT_STATUSES.map((status) => ({ value: status, label: wordFor(status) })),
] as const;

const columns: Column<DeploymentSummary>[] = [
  { ...deploymentColumn, width: "11rem" },
  { id: "status", header: words.columns.status, width: "7.5rem", cell: ({ status }) => <Status of={status} /> },
  flowColumn,
  strategyColumn,
  { id: "progress", header: words.columns.progress, rank: 2, width: "11.5rem", cell: (row) => <Progress of={row} /> },
  {
    id: "failed",
    header: words.columns.failed,
    align: "end",
    width: "4.5rem",
    cell: ({ failed_targets: failed }) => <span className={failed > 0 ? "bad" : "muted"}>{number(failed)}</span>,
  },
  createdColumn,
  { id: "by", header: words.columns.by, rank: 3, width: "6rem", cell: (row) => row.created_by },
];

/** Every rollout, newest first. */
export function RolloutsPage({
  status,
  onStatus,
}: {
  status: DeploymentStatus | undefined;
  onStatus: (status: DeploymentStatus | undefined) => void;
}) {
  const { api } = useConsole();
  const query = useInfiniteQuery(deploymentsQuery(api, status));
  const { fetchNextPage } = query;
  const rows = useMemo(() => (query.data?.pages ?? []).flatMap((page) => page.deployments), [query.data]);
  return (
    <div className="page page-list">
      <PageHead
        title={words.title}
        lead={words.lead}
        tools={
          <>
            <Choice
              label={words.filter}
              value={status ?? "all"}
              options={FILTERS}
              onChange={(value) => {
                onStatus(value === "all" ? undefined : value);
              }}
            />
            <NewRolloutLink label={texts.newRollout.open} />
          </>
        }
      />
      {query.error && <ProblemNotice error={query.error} retry={() => void query.refetch()} />}
      <DataTable
        label={words.title}
        columns={columns}
        rows={rows}
        rowKey={idOf}
        more={query.hasNextPage}
        loadMore={() => void fetchNextPage()}
        loading={query.isFetchingNextPage || query.isPending}
        tall
        empty={status === undefined ? words.empty : words.emptyFiltered(wordFor(status))}
      />
    </div>
  );
}

function idOf({ id }: DeploymentSummary): string {
  return id;
}

function Progress({ of }: { of: DeploymentSummary }) {
  if (of.total_targets === null) return <span className="muted">{words.unresolved}</span>;
  const tally = tallyOf(of.target_counts);
  return (
    <span className="progress-cell">
      <TallyBar tally={tally} />
      <span className="muted">{words.progress(settled(tally), of.total_targets)}</span>
    </span>
  );
}
