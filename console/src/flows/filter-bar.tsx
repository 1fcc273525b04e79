import { FLOW_STATUSES } from "../api/values";
import { Choices } from "../components/choice";
import { DateField } from "../components/date-field";
import { FilterFrame } from "../components/filter-frame";
import { SettledSearch } from "../components/search-field";
import { SelectField } from "../components/select-field";
import { texts } from "../texts";
import { dayIn, statesOf, statusOf, type FlowFilters } from "./filters";

const words = texts.flows;
const STATES = FLOW_STATUSES.map((value) => ({ value, label: words.filters[value] }));
const SORTS = [{ value: "oldest", label: words.oldest }];

/** What narrows the list of flows, and orders it. */
export function FilterBar({ filters, onFilters }: { filters: FlowFilters; onFilters: (filters: FlowFilters) => void }) {
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
        value={filters.name}
        onChange={(name) => {
          onFilters({ ...filters, name });
        }}
      />
      <SettledSearch
        label={words.tag}
        hint={words.tagHint}
        value={filters.tag}
        onChange={(tag) => {
          onFilters({ ...filters, tag });
        }}
      />
      <Choices
        label={words.filter}
        values={statesOf(filters)}
        options={STATES}
        onChange={(states) => {
          onFilters({ ...filters, status: statusOf(states) });
        }}
      />
      <DateField
        label={words.from}
        value={filters.from}
        onChange={(day) => {
          onFilters({ ...filters, from: dayIn(day) });
        }}
      />
      <DateField
        label={words.to}
        value={filters.to}
        onChange={(day) => {
          onFilters({ ...filters, to: dayIn(day) });
        }}
      />
      <SelectField
        label={words.sort}
        all={words.newest}
        value={filters.sort}
        options={SORTS}
        onChange={(sort) => {
          onFilters({ ...filters, sort: sort === "oldest" ? sort : undefined });
        }}
      />
    </FilterFrame>
  );
}
