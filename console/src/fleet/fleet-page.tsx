import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { devicesQuery } from "../api/queries";
import type { DeviceSummary } from "../api/types";
import { Choice } from "../components/choice";
import { DataTable, type Column } from "../components/data-table";
import { PageHead } from "../components/panel";
import { ProblemNotice } from "../components/problem";
import { SearchField } from "../components/search-field";
import { Status } from "../components/status";
import { Time } from "../components/time";
import { useConsole } from "../session/context";
import { texts } from "../texts";

const words = texts.fleet;

type Connection = "all" | "connected" | "disconnected";
const CONNECTIONS = (["all", "connected", "disconnected"] as const).map((value) => ({
  value,
  label: words.filters[value],
}));

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
    width: "10rem",
    cell: (device) => <Status of={connectionOf(device)} />,
  },
  { id: "seen", header: words.columns.seen, width: "9rem", cell: (device) => <Time at={device.last_seen} ago /> },
  {
    id: "agent",
    header: words.columns.agent,
    rank: 2,
    width: "8rem",
    cell: (device) => device.agent_version ?? texts.common.none,
  },
  { id: "state", header: words.columns.state, rank: 2, width: "9rem", cell: (device) => <Status of={device.state} /> },
  {
    id: "registered",
    header: words.columns.registered,
    rank: 3,
    width: "9rem",
    cell: (device) => <Time at={device.registered_at} ago />,
  },
];

export function connectionOf({ connected }: { connected: boolean | null }): string {
  if (connected === null) return "unheard";
  return connected ? "connected" : "disconnected";
}

/** Every device, by id. */
export function FleetPage() {
  const { api } = useConsole();
  const query = useInfiniteQuery(devicesQuery(api));
  const { fetchNextPage } = query;
  const [connection, setConnection] = useState<Connection>("all");
  const [search, setSearch] = useState("");
  const rows = useMemo(() => (query.data?.pages ?? []).flatMap((page) => page.devices), [query.data]);
  const keep = useMemo(() => filterOf(connection, search), [connection, search]);
  return (
    <div className="page page-list">
      <PageHead
        title={words.title}
        lead={words.lead}
        tools={
          <>
            <SearchField label={words.search} hint={words.searchHint} value={search} onChange={setSearch} />
            <Choice label={words.filter} value={connection} options={CONNECTIONS} onChange={setConnection} />
          </>
        }
      />
      {query.error && <ProblemNotice error={query.error} retry={() => void query.refetch()} />}
      <DataTable
        label={words.title}
        columns={columns}
        rows={rows}
        rowKey={(device) => device.device_id}
        keep={keep}
        more={query.hasNextPage}
        loadMore={() => void fetchNextPage()}
        loading={query.isFetchingNextPage || query.isPending}
        empty={keep ? words.emptyFiltered : words.empty}
      />
    </div>
  );
}

function filterOf(connection: Connection, search: string): ((device: DeviceSummary) => boolean) | undefined {
  const wanted = search.trim().toLowerCase();
  if (connection === "all" && wanted === "") return undefined;
  return (device) =>
    (connection === "all" || (device.connected === true) === (connection === "connected")) &&
    device.device_id.toLowerCase().includes(wanted);
}
