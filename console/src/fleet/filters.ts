// Which devices the fleet's page shows: what its address says, and what the API is asked for by it.

import type { DeviceFilter, DeviceHealth } from "../api/types";
import { DEVICE_HEALTHS } from "../api/values";

export const CONNECTIONS = ["connected", "disconnected", "unheard"] as const;
export type Connection = (typeof CONNECTIONS)[number];

/** Search parameters of the fleet's address; each that is there narrows the list. `version` needs a `flow`. */
export type FleetFilters = {
  connection?: Connection | undefined;
  health?: DeviceHealth | undefined;
  flow?: string | undefined;
  version?: number | undefined;
  /** A part of a device's id. */
  text?: string | undefined;
};

const FLOW = /^(flow_[0-9A-Za-z]{1,40}|slug:[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?)$/;
const PART_OF_ID = /^[a-zA-Z0-9:_-]{1,128}$/;
const LAST_VERSION = 99_999_999;
/** What the API calls each. */
export const ASKED = {
  connected: "true",
  disconnected: "false",
  unheard: "unknown",
} as const satisfies Record<Connection, DeviceFilter["connected"]>;

/** The filters that an address has. One that cannot be meant counts as none; a text is taken as it was typed. */
export function readFilters(search: Record<string, unknown>): FleetFilters {
  const flow = typeof search.flow === "string" && FLOW.test(search.flow) ? search.flow : undefined;
  const version = Number(search.version);
  const isVersion = flow !== undefined && Number.isInteger(version) && version >= 1 && version <= LAST_VERSION;
  return {
    connection: CONNECTIONS.find((value) => value === search.connection),
    health: DEVICE_HEALTHS.find((value) => value === search.health),
    flow,
    version: isVersion ? version : undefined,
    // The router reads digits as a number.
    text: typeof search.text === "string" || typeof search.text === "number" ? String(search.text) : undefined,
  };
}

/** What the API is asked for. */
export function askedBy({ connection, health, flow, version, text }: FleetFilters): DeviceFilter {
  return { connected: connection && ASKED[connection], health, flow_id: flow, version, text };
}

/** False for a text that no device's id can have in it: the API would refuse it. */
export function canMatch({ text }: FleetFilters): boolean {
  return text === undefined || PART_OF_ID.test(text);
}

export function isFiltered(filters: FleetFilters): boolean {
  return Object.values(filters).some((value) => value !== undefined);
}
