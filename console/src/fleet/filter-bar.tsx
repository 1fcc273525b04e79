import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { flowsQuery, fleetSummaryQuery } from "../api/queries";
import type { DeviceHealth, FleetSummary } from "../api/types";
import { DEVICE_HEALTHS } from "../api/values";
import { FilterFrame } from "../components/filter-frame";
import { SettledSearch } from "../components/search-field";
import { SelectField } from "../components/select-field";
import { wordFor } from "../components/status";
import { useConsole } from "../session/context";
import { texts } from "../texts";
import { CONNECTIONS, type FleetFilters } from "./filters";

const words = texts.fleet;

const CONNECTION_OPTIONS = CONNECTIONS.map((value) => ({ value, label: wordFor(value) }));
const HEALTH_OPTIONS = DEVICE_HEALTHS.map((value) => ({ value, label: healthWord(value) }));

export function healthWord(health: DeviceHealth): string {
  return health === "unknown" ? words.unreported : wordFor(health);
}

/** What narrows the list of devices. */
export function FilterBar({
  filters,
  onFilters,
}: {
  filters: FleetFilters;
  onFilters: (filters: FleetFilters) => void;
}) {
  const { flows, versions } = useRunning(filters.flow);
  return (
    <FilterFrame
      label={words.title}
      filters={filters}
      onClear={() => {
        onFilters({});
      }}
    >
      <SettledSearch
        label={words.search}
        hint={words.searchHint}
        value={filters.text}
        onChange={(text) => {
          onFilters({ ...filters, text });
        }}
      />
      <SelectField
        label={words.filters.connection}
        all={words.every.connection}
        value={filters.connection}
        options={CONNECTION_OPTIONS}
        onChange={(value) => {
          onFilters({ ...filters, connection: CONNECTIONS.find((each) => each === value) });
        }}
      />
      <SelectField
        label={words.filters.health}
        all={words.every.health}
        value={filters.health}
        options={HEALTH_OPTIONS}
        onChange={(value) => {
          onFilters({ ...filters, health: DEVICE_HEALTHS.find((each) => each === value) });
        }}
      />
      <SelectField
        label={words.filters.flow}
        all={words.every.flow}
        value={filters.flow}
        options={flows}
        onChange={(flow) => {
          onFilters({ ...filters, flow, version: undefined });
        }}
      />
      {filters.flow !== undefined && (
        <SelectField
          label={words.filters.version}
          all={words.every.version}
          value={filters.version?.toString()}
          options={versions}
          onChange={(version) => {
            onFilters({ ...filters, version: version === undefined ? undefined : Number(version) });
          }}
        />
      )}
    </FilterFrame>
  );
}

type Options = { value: string; label: string }[];

/** The flows that are live on devices, by name, and the versions of this one. */
function useRunning(flow: string | undefined): { flows: Options; versions: Options } {
  const { api } = useConsole();
  const { data: summary } = useQuery(fleetSummaryQuery(api));
  // Names alone: they are not worth asking again for.
  const named = useInfiniteQuery({ ...flowsQuery(api, {}), refetchInterval: false });
  const names = new Map(named.data?.pages.flatMap((page) => page.flows).map(({ id, name }) => [id, name]));
  const running: FleetSummary["flows"] = summary?.flows ?? [];
  const ids = new Set(running.map((each) => each.flow_id));
  if (flow !== undefined) ids.add(flow);
  return {
    flows: [...ids]
      .map((id) => ({ value: id, label: names.get(id) ?? id }))
      .sort((one, other) => one.label.localeCompare(other.label)),
    versions: running
      .filter((each) => each.flow_id === flow)
      .sort((one, other) => other.version - one.version)
      .map(({ version }) => ({ value: String(version), label: texts.rollouts.version(version) })),
  };
}
