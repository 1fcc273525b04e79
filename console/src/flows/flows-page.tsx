import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { flowsQuery } from "../api/queries";
import type { FlowSummary } from "../api/types";
import { DataTable, type Column } from "../components/data-table";
import { PageHead } from "../components/panel";
import { ProblemNotice } from "../components/problem";
import { Status } from "../components/status";
import { Time } from "../components/time";
import { useConsole } from "../session/context";
import { texts } from "../texts";
import { FilterBar } from "./filter-bar";
import { askedBy, canMatch, isFiltered, type FlowFilters } from "./filters";
import { NewFlowButton } from "./new-flow-button";

const words = texts.flows;

const columns: Column<FlowSummary>[] = [
  {
    id: "flow",
    header: words.columns.flow,
    cell: ({ id, name }) => (
      <>
        <Link to="/flows/$id" params={{ id }}>
          {name}
        </Link>{" "}
        <span className="muted mono rank-2">{id}</span>
      </>
    ),
  },
  { id: "status", header: words.columns.status, width: "9rem", cell: ({ status }) => <Status of={status} /> },
  {
    id: "version",
    header: words.columns.version,
    align: "end",
    width: "5.5rem",
    cell: ({ latest_version: version }) => (version === null ? texts.common.none : texts.rollouts.version(version)),
  },
  {
    id: "tags",
    header: words.columns.tags,
    rank: 2,
    width: "14rem",
    cell: ({ tags }) => tags.map((tag) => <Tag key={tag}>{tag}</Tag>),
  },
  {
    id: "updated",
    header: words.columns.updated,
    rank: 2,
    width: "8rem",
    cell: (flow) => <Time at={flow.updated_at} ago />,
  },
  { id: "by", header: words.columns.by, rank: 3, width: "9rem", cell: (flow) => flow.created_by },
];

/** Every flow that the filters leave, newest first or oldest. The API does the filtering. */
export function FlowsPage({ filters, onFilters }: { filters: FlowFilters; onFilters: (filters: FlowFilters) => void }) {
  const { api } = useConsole();
  const possible = canMatch(filters);
  const query = useInfiniteQuery({ ...flowsQuery(api, askedBy(filters)), enabled: possible });
  const { data, fetchNextPage } = query;
  const rows = useMemo(() => (possible ? (data?.pages ?? []).flatMap((page) => page.flows) : []), [data, possible]);
  return (
    <div className="page page-list">
      <PageHead title={words.title} lead={words.lead} tools={<NewFlowButton />} />
      <FilterBar filters={filters} onFilters={onFilters} />
      {query.error && <ProblemNotice error={query.error} retry={() => void query.refetch()} />}
      <DataTable
        label={words.title}
        columns={columns}
        rows={rows}
        rowKey={(flow) => flow.id}
        more={possible && query.hasNextPage}
        loadMore={() => void fetchNextPage()}
        loading={possible && (query.isFetchingNextPage || query.isPending || query.isPlaceholderData)}
        empty={possible ? (isFiltered(filters) ? words.emptyFiltered : words.empty) : words.impossible}
      />
    </div>
  );
}

function Tag({ children }: { children: string }) {
  return <span className="tag">{children}</span>;
}
