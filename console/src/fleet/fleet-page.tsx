import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { devicesQuery } from "../api/queries";
import type { DeviceSummary } from "../api/types";
import { DataTable, type Column } from "../components/data-table";
import { PageHead } from "../components/panel";
import { ProblemNotice } from "../components/problem";
import { Status } from "../components/status";
import { Time } from "../components/time";
import { useConsole } from "../session/context";
import { texts } from "../texts";
import { connectionOf } from "./connection";
import { FilterBar } from "./filter-bar";
import { askedBy, canMatch, isFiltered, type FleetFilters } from "./filters";
import { SummaryStrip } from "./summary-strip";

const words = texts.fleet;

const columns: Column<DeviceSummary>[] = [
  {
    id: "device",
    header: words.columns.device,
    cell: ({ device_id: id }) => (
      <Link to="/fleet/$id" params={{ id }} className="mono">
        {id}
      </Link>
    ),
  },
  {
    id: "connection",
    header: words.columns.connection,
    width: "9.5rem",
    cell: (device) => <Status of={connectionOf(device)} />,
  },
  {
    id: "health",
    header: words.columns.health,
    width: "7.5rem",
    cell: ({ health }) =>
      health === null ? <span className="muted">{texts.common.none}</span> : <Status of={health} />,
  },
  {
    id: "seen",
    header: words.columns.seen,
    rank: 2,
    width: "9rem",
    cell: (device) => <Time at={device.last_seen} ago />,
  },
  {
    id: "agent",
    header: words.columns.agent,
    rank: 2,
    width: "8rem",
    cell: (device) => device.agent_version ?? texts.common.none,
  },
  { id: "state", header: words.columns.state, rank: 3, width: "9rem", cell: (device) => <Status of={device.state} /> },
  {
    id: "registered",
    header: words.columns.registered,
    rank: 3,
    width: "9rem",
    cell: (device) => <Time at={device.registered_at} ago />,
  },
];

/** Devices by id, all or those that the filters leave, with counts of the whole fleet. The API does the filtering. */
export function FleetPage({
  filters,
  onFilters,
}: {
  filters: FleetFilters;
  onFilters: (filters: FleetFilters) => void;
}) {
  const { api } = useConsole();
  const possible = canMatch(filters);
  const query = useInfiniteQuery({ ...devicesQuery(api, askedBy(filters)), enabled: possible });
  const { data, fetchNextPage } = query;
  const rows = useMemo(() => (possible ? (data?.pages ?? []).flatMap((page) => page.devices) : []), [data, possible]);
  return (
    <div className="page page-list">
      <PageHead title={words.title} lead={words.lead} />
      <SummaryStrip />
      <FilterBar filters={filters} onFilters={onFilters} />
      {query.error && <ProblemNotice error={query.error} retry={() => void query.refetch()} />}
      <DataTable
        label={words.title}
        columns={columns}
        rows={rows}
        rowKey={(device) => device.device_id}
        more={possible && query.hasNextPage}
        loadMore={() => void fetchNextPage()}
        loading={possible && (query.isFetchingNextPage || query.isPending || query.isPlaceholderData)}
        empty={possible ? (isFiltered(filters) ? words.emptyFiltered : words.empty) : words.impossible}
      />
    </div>
  );
}
