// Which flows the list shows, and in which order: what its address says, and what the API is asked for by it.

import type { FlowFilter, FlowStatus } from "../api/types";
import { FLOW_STATUSES } from "../api/values";

/** Search parameters of the list's address; each that is there narrows the list, but for `sort`. */
export type FlowFilters = {
  /** With commas between them; without it all that are not archived. */
  status?: string | undefined;
  /** A part of a name. */
  name?: string | undefined;
  /** The whole of a tag. */
  tag?: string | undefined;
  /** The first and the last day on which they were created, as `2026-11-30`, in the time zone of whoever looks. */
  from?: string | undefined;
  to?: string | undefined;
  /** The newest come first where nothing is said. */
  sort?: "oldest" | undefined;
};

/** Those that are listed while nobody chose others. */
const CURRENT: readonly FlowStatus[] = FLOW_STATUSES.filter((status) => status !== "archived");
const MOST_NAME = 128; // characters, as the API's document has them
const MOST_TAG = 64;
const DAY = /^(20[0-9]{2})-([0-9]{2})-([0-9]{2})$/;

/** The filters that an address has. One that cannot be meant counts as none; a text is taken as it was typed. */
export function readFilters(search: Record<string, unknown>): FlowFilters {
  const chosen = text(search.status)?.split(",") ?? [];
  return {
    status: statusOf(FLOW_STATUSES.filter((status) => chosen.includes(status))),
    name: text(search.name),
    tag: text(search.tag),
    from: dayIn(search.from),
    to: dayIn(search.to),
    sort: search.sort === "oldest" ? "oldest" : undefined,
  };
}

/** The states that are listed. */
export function statesOf({ status }: FlowFilters): readonly FlowStatus[] {
  const chosen = status?.split(",") ?? CURRENT;
  return FLOW_STATUSES.filter((one) => chosen.includes(one));
}

/** How an address says these states; it says nothing of those that are listed anyway, and nothing of none. */
export function statusOf(states: readonly FlowStatus[]): string | undefined {
  const inOrder = FLOW_STATUSES.filter((status) => states.includes(status)).join(",");
  return inOrder === "" || inOrder === CURRENT.join(",") ? undefined : inOrder;
}

/** What the API is asked for. */
export function askedBy(filters: FlowFilters): FlowFilter {
  const { status, name, tag, from, to, sort } = filters;
  return {
    status: status === undefined ? undefined : [...statesOf(filters)],
    name,
    tag,
    created_from: from && startOf(from, 0),
    created_to: to && startOf(to, 1),
    sort,
  };
}

/** False for what no flow can be: the API would refuse to look for it. */
export function canMatch({ name = "", tag = "", from, to }: FlowFilters): boolean {
  return name.length <= MOST_NAME && tag.length <= MOST_TAG && (from === undefined || to === undefined || from <= to);
}

export function isFiltered({ status, name, tag, from, to }: FlowFilters): boolean {
  return [status, name, tag, from, to].some((value) => value !== undefined);
}

/** The day, where it is one; a year that is being typed is none yet. */
export function dayIn(value: unknown): string | undefined {
  if (typeof value !== "string" || !DAY.test(value)) return undefined;
  const day = new Date(`${value}T00:00:00Z`);
  return Number.isNaN(day.valueOf()) || !day.toISOString().startsWith(value) ? undefined : value;
}

/** The moment at which a day begins, or one so many days later. */
function startOf(day: string, later: number): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

/** The router reads digits as a number. */
function text(value: unknown): string | undefined {
  const typed = typeof value === "number" ? String(value) : value;
  return typeof typed === "string" && typed.trim() !== "" ? typed : undefined;
}
