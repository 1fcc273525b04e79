import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useDeferredValue, useMemo, useState } from "react";
import { flowsQuery } from "../api/queries";
import type { FlowStatus, FlowSummary } from "../api/types";
import { FLOW_STATUSES } from "../api/values";
import { Choice } from "../components/choice";
import { DataTable, type Column } from "../components/data-table";
import { PageHead } from "../components/panel";
import { ProblemNotice } from "../components/problem";
import { SearchField } from "../components/search-field";
import { Status } from "../components/status";
import { Time } from "../components/time";
import { useConsole } from "../session/context";
import { texts } from "../texts";
import { NewFlowButton } from "./new-flow-button";

const words = texts.flows;

const FILTERS = [
  { value: "current", label: words.filters.current },
  ...FLOW_STATUSES.map((status) => ({ value: status, label: words.filters[status] })),
] as const;

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

/** Every flow, newest first. The API does the filtering. */
export function FlowsPage({
  status,
  onStatus,
}: {
  status: FlowStatus | undefined;
  onStatus: (status: FlowStatus | undefined) => void;
}) {
  const { api } = useConsole();
  const [search, setSearch] = useState("");
  const name = useDeferredValue(search.trim());
  const query = useInfiniteQuery(flowsQuery(api, { status, name: name === "" ? undefined : name }));
  const { fetchNextPage } = query;
  const rows = useMemo(() => (query.data?.pages ?? []).flatMap((page) => page.flows), [query.data]);
  const filtered = status !== undefined || name !== "";
  return (
    <div className="page page-list">
      <PageHead
        title={words.title}
        lead={words.lead}
        tools={
          <>
            <SearchField label={words.search} hint={words.searchHint} value={search} onChange={setSearch} />
            <Choice
              label={words.filter}
              value={status ?? "current"}
              options={FILTERS}
              onChange={(value) => {
                onStatus(value === "current" ? undefined : value);
              }}
            />
            <NewFlowButton />
          </>
        }
      />
      {query.error && <ProblemNotice error={query.error} retry={() => void query.refetch()} />}
      <DataTable
        label={words.title}
        columns={columns}
        rows={rows}
        rowKey={(flow) => flow.id}
        more={query.hasNextPage}
        loadMore={() => void fetchNextPage()}
        loading={query.isFetchingNextPage || query.isPending}
        empty={filtered ? words.emptyFiltered : words.empty}
      />
    </div>
  );
}

function Tag({ children }: { children: string }) {
  return <span className="tag">{children}</span>;
}
