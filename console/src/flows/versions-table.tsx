import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { versionsQuery } from "../api/queries";
import type { Flow, VersionSummary } from "../api/types";
import { DataTable, type Column } from "../components/data-table";
import { ProblemNotice } from "../components/problem";
import { Time } from "../components/time";
import { useConsole } from "../session/context";
import { texts } from "../texts";
import { bytes } from "../wording";

const words = texts.flow.columns;

const columns: Column<VersionSummary>[] = [
  { id: "version", header: words.version, width: "6rem", cell: (row) => <b>{texts.rollouts.version(row.version)}</b> },
  { id: "published", header: words.published, width: "13rem", cell: (row) => <Time at={row.published_at} /> },
  { id: "by", header: words.by, width: "10rem", cell: (row) => row.published_by },
  { id: "size", header: words.size, rank: 2, align: "end", width: "7rem", cell: (row) => bytes(row.size) },
  {
    id: "sha",
    header: words.sha,
    rank: 3,
    cell: ({ sha256 }) => (
      <span className="mono muted" title={sha256}>
        {sha256}
      </span>
    ),
  },
];

/** What has been published, newest first. */
export function VersionsTable({ flow }: { flow: Flow }) {
  const { api } = useConsole();
  const query = useInfiniteQuery(versionsQuery(api, flow.id, flow.latest_version));
  const { fetchNextPage } = query;
  const rows = useMemo(() => (query.data?.pages ?? []).flatMap((page) => page.versions), [query.data]);
  if (query.error) return <ProblemNotice error={query.error} retry={() => void query.refetch()} />;
  return (
    <DataTable
      label={texts.flow.tabs.versions}
      columns={columns}
      rows={rows}
      rowKey={(row) => String(row.version)}
      more={query.hasNextPage}
      loadMore={() => void fetchNextPage()}
      loading={query.isFetchingNextPage || query.isPending}
      empty={texts.flow.noVersions}
    />
  );
}
