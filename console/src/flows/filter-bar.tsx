import { FLOW_STATUSES } from "../api/values";
import { Choices } from "../components/choice";
import { DateField } from "../components/date-field";
import { SearchField } from "../components/search-field";
import { SelectField } from "../components/select-field";
import { useSettled } from "../components/use-settled";
import { texts } from "../texts";
import { dayIn, statesOf, statusOf, type FlowFilters } from "./filters";

const words = texts.flows;
const STATES = FLOW_STATUSES.map((value) => ({ value, label: words.filters[value] }));
const SORTS = [{ value: "oldest", label: words.oldest }];

/** What narrows the list of flows, and orders it. What is typed is taken up once nobody has typed for a moment. */
export function FilterBar({ filters, onFilters }: { filters: FlowFilters; onFilters: (filters: FlowFilters) => void }) {
  const [name, setName] = useSettled(filters.name ?? "", (typed) => {
    onFilters({ ...filters, name: typed.trim() === "" ? undefined : typed.trim() });
  });
  const [tag, setTag] = useSettled(filters.tag ?? "", (typed) => {
    onFilters({ ...filters, tag: typed.trim() === "" ? undefined : typed.trim() });
  });
  const [from, setFrom] = useSettled(filters.from ?? "", (typed) => {
    onFilters({ ...filters, from: dayIn(typed) });
  });
  const [to, setTo] = useSettled(filters.to ?? "", (typed) => {
    onFilters({ ...filters, to: dayIn(typed) });
  });
  return (
    <div className="filter-bar" role="search" aria-label={words.title}>
      <SearchField label={words.search} hint={words.searchHint} value={name} onChange={setName} />
      <SearchField label={words.tag} hint={words.tagHint} value={tag} onChange={setTag} />
      <Choices
        label={words.filter}
        values={statesOf(filters)}
        options={STATES}
        onChange={(states) => {
          onFilters({ ...filters, status: statusOf(states) });
        }}
      />
      <DateField label={words.from} value={from} onChange={setFrom} />
      <DateField label={words.to} value={to} onChange={setTo} />
      <SelectField
        label={words.sort}
        all={words.newest}
        value={filters.sort}
        options={SORTS}
        onChange={(sort) => {
          onFilters({ ...filters, sort: sort === "oldest" ? sort : undefined });
        }}
      />
      {Object.values(filters).some((value) => value !== undefined) && (
        <button
          type="button"
          className="button button-quiet"
          onClick={() => {
            onFilters({});
          }}
        >
          {texts.common.clearFilters}
        </button>
      )}
    </div>
  );
}
