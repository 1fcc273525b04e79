// What pages ask of the API: one function for each question. Keys start with what they are about.

import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  type InfiniteData,
  type Query as CachedQuery,
  type QueryClient,
} from "@tanstack/react-query";
import type { Api } from "./client";
import { asApiError } from "./errors";
import { CALM, LIVE, pause, pauseAfterFailure, Unchanged, type Pace } from "./polling";
import type {
  Deployment,
  CountedFleet,
  DeploymentEvent,
  DeploymentStatus,
  DeploymentSummary,
  Device,
  DeviceDeployment,
  DeviceFilter,
  DeviceSummary,
  FleetSummary,
  Flow,
  FlowEvent,
  FlowFilter,
  FlowSummary,
  Page,
  Target,
  TargetFilter,
  Version,
  VersionSummary,
} from "./types";

const PAGE = 100; // the most the API gives at once
const MOST_OFFLINE_PAGES = 50;
const unchanged = new Unchanged();

type AnyQuery = Pick<CachedQuery, "state" | "queryHash">;

/** The pause before a query is asked again; longer while nothing changes, and after failures. */
export function interval(query: AnyQuery, pace: Pace): number {
  const { data, dataUpdateCount, error, fetchFailureCount } = query.state;
  if (error !== null) return pauseAfterFailure(pace, fetchFailureCount, asApiError(error).retryAfter);
  return pause(pace, unchanged.count(query.queryHash, data, dataUpdateCount));
}

/** As `interval`, of a list: all its pages are asked for again, so each of them makes the pauses longer. */
function listInterval(query: AnyQuery & { state: { data: InfiniteData<unknown> | undefined } }): number {
  return interval(query, CALM) * Math.max(1, query.state.data?.pages.length ?? 0);
}

export const isUnderWay = (status: DeploymentStatus): boolean =>
  status === "running" || status === "cancelling" || status === "rolling_back";

/** What changes whenever a deployment does; what is derived from it is asked for again only then. */
export function fingerprint(deployment: DeploymentSummary): string {
  const { status, status_reason: reason, current_wave: wave, rollbacks, target_counts: counts } = deployment;
  return JSON.stringify([status, reason, wave, rollbacks, deployment.retried_by, counts]);
}

/**
 * As the fingerprint, and what changes beside it: whom it waits for (a device went offline, or came back), and devices
 * that succeed after it has ended, as far as its first page of targets tells.
 */
export function changesOf(deployment: Deployment): string {
  const late = deployment.targets.filter((target) => target.reached_late).length;
  return `${fingerprint(deployment)} ${deployment.waits_for?.sentence ?? ""} ${late}`;
}

export function deploymentQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: ["deployment", id],
    queryFn: async ({ signal }) =>
      (await api.get("/v1/deployments/{deployment_id}", { path: { deployment_id: id }, signal })) as Deployment,
    refetchInterval: (query) => interval(query, query.state.data && isUnderWay(query.state.data.status) ? LIVE : CALM),
  });
}

export function deploymentsQuery(api: Api, status: DeploymentStatus | undefined) {
  return infiniteQueryOptions({
    queryKey: ["deployments", status ?? "all"],
    queryFn: async ({ pageParam, signal }) =>
      (await api.get("/v1/deployments", {
        query: { limit: PAGE, status: status && [status], cursor: pageParam },
        signal,
      })) as Page<"deployments", DeploymentSummary>,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: nextCursor,
    refetchInterval: listInterval,
  });
}

/** The rollouts that were planned for a device, newest first, with what became of it in each. */
export function deviceDeploymentsQuery(api: Api, id: string) {
  return infiniteQueryOptions({
    queryKey: ["device", id, "deployments"],
    queryFn: async ({ pageParam, signal }) =>
      (await api.get("/v1/deployments", {
        query: { limit: PAGE, device_id: id, cursor: pageParam },
        signal,
      })) as Page<"deployments", DeviceDeployment>,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: nextCursor,
    refetchInterval: listInterval,
  });
}

/** Targets in pages; `useTargets` asks again when the deployment has changed. */
export function targetsQuery(api: Api, id: string) {
  return infiniteQueryOptions({
    queryKey: ["deployment", id, "targets"],
    queryFn: async ({ pageParam, signal }) => readTargets(api, id, { cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: nextCursor,
    staleTime: Infinity,
  });
}

/**
 * The first page of those that failed, and of those that a rollback could not return: for whoever has not loaded all
 * targets. Asked for again when there are more of them (`count`).
 */
export function failedQuery(api: Api, id: string, count: number) {
  return queryOptions({
    queryKey: ["deployment", id, "failed", count],
    queryFn: async ({ signal }): Promise<Target[]> => {
      const pages = await Promise.all(
        (["failed", "rollback_failed"] as const).map((status) => readTargets(api, id, { status }, signal)),
      );
      return pages.flatMap((page) => page.targets);
    },
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 10_000, // each number of failures makes another of these
  });
}

/** The first page of one wave's targets, asked for again when the deployment has changed (`since`). */
export function waveQuery(api: Api, id: string, wave: number, since: string) {
  return queryOptions({
    queryKey: ["deployment", id, "wave", wave, since],
    queryFn: async ({ signal }) => (await readTargets(api, id, { wave }, signal)).targets,
    // Of the same wave, as it was before the change.
    placeholderData: (before, query) => (query?.queryKey[3] === wave ? before : undefined),
    staleTime: Infinity,
    gcTime: 10_000, // each change makes another of these
  });
}

async function readTargets(
  api: Api,
  id: string,
  asked: TargetFilter & { cursor?: string | undefined },
  signal: AbortSignal,
): Promise<Page<"targets", Target>> {
  const path = { deployment_id: id };
  const query = { limit: PAGE, ...asked };
  return (await api.get("/v1/deployments/{deployment_id}/targets", { path, query, signal })) as Page<"targets", Target>;
}

type History<Event> = { pages: { cursor: string | undefined; events: Event[] }[] };

/** A page of a history, from a position on. */
type ReadEvents<Event> = (
  query: { limit: number; cursor: string | undefined },
  signal: AbortSignal,
) => Promise<{ events: Event[]; next_cursor: string | null }>;

export function deploymentHistoryQuery(api: Api, client: QueryClient, id: string, since: string) {
  return historyQuery<DeploymentEvent>(client, ["deployments", id, "history"], since, async (query, signal) => {
    const path = { deployment_id: id };
    return (await api.get("/v1/deployments/{deployment_id}/events", { path, query, signal })) as Page<
      "events",
      DeploymentEvent
    >;
  });
}

export function flowHistoryQuery(api: Api, client: QueryClient, id: string, since: string) {
  return historyQuery<FlowEvent>(client, ["flows", id, "history"], since, async (query, signal) => {
    return (await api.get("/v1/flows/{flow_id}/events", { path: { flow_id: id }, query, signal })) as Page<
      "events",
      FlowEvent
    >;
  });
}

/**
 * A history from its beginning. It only grows, so that asking again reads its last page and what comes after it.
 */
function historyQuery<Event>(client: QueryClient, kept: string[], since: string, read: ReadEvents<Event>) {
  return queryOptions({
    queryKey: [...kept, since],
    queryFn: async ({ signal }): Promise<Event[]> => {
      const before = client.getQueryData<History<Event>>(kept)?.pages ?? [];
      const pages = before.slice(0, -1);
      let cursor = before.at(-1)?.cursor;
      do {
        const answer = await read({ limit: PAGE, cursor }, signal);
        pages.push({ cursor, events: answer.events });
        cursor = answer.next_cursor ?? undefined;
      } while (cursor !== undefined);
      client.setQueryData<History<Event>>(kept, { pages });
      return pages.flatMap((page) => page.events);
    },
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 10_000, // `kept` holds the events; each change of the subject makes another of these
  });
}

/** Devices by id. The API does the filtering: of 100,000 it looks at 20,000 for a page, however few it finds. */
export function devicesQuery(api: Api, filter: DeviceFilter) {
  return infiniteQueryOptions({
    queryKey: ["devices", filter],
    queryFn: async ({ pageParam, signal }) =>
      (await api.get("/v1/devices", {
        query: { limit: PAGE, cursor: pageParam, ...filter },
        signal,
      })) as Page<"devices", DeviceSummary>,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: listInterval,
  });
}

/** Counts of the whole fleet. Without the time of counting an answer with the same counts is the same, and pauses grow. */
export function fleetSummaryQuery(api: Api) {
  return queryOptions({
    queryKey: ["fleet-summary"],
    queryFn: async ({ signal }): Promise<FleetSummary> => {
      const counts: Partial<CountedFleet> & FleetSummary = { ...(await api.get("/v1/devices/summary", { signal })) };
      delete counts.counted_at;
      return counts;
    },
    refetchInterval: (query) => interval(query, CALM),
  });
}

export type Offline = {
  /** Devices that are registered and not connected, or of which nothing is known. */
  devices: ReadonlySet<string>;
  /** Devices that have not enrolled yet, to which nothing can be deployed. */
  announced: ReadonlySet<string>;
  /** False where there are more than were asked for. */
  complete: boolean;
};

/** Who is offline now: pages of those alone, so that a fleet that is well costs two requests. Asked when it is wanted. */
export function offlineQuery(api: Api) {
  return queryOptions({
    queryKey: ["offline"],
    queryFn: async ({ signal }): Promise<Offline> => {
      const devices = new Set<string>();
      const announced = new Set<string>();
      let complete = true;
      for (const connected of ["false", "unknown"] as const) {
        let cursor: string | undefined;
        let pages = 0;
        do {
          const answer: Page<"devices", DeviceSummary> = (await api.get("/v1/devices", {
            query: { limit: PAGE, connected, cursor },
            signal,
          })) as Page<"devices", DeviceSummary>;
          for (const { device_id: id, state } of answer.devices) (state === "announced" ? announced : devices).add(id);
          cursor = answer.next_cursor ?? undefined;
          pages += 1;
        } while (cursor !== undefined && pages < MOST_OFFLINE_PAGES);
        complete &&= cursor === undefined;
      }
      return { devices, announced, complete };
    },
    staleTime: 15_000,
  });
}

export function deviceQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: ["device", id],
    queryFn: async ({ signal }) =>
      (await api.get("/v1/devices/{device_id}", { path: { device_id: id }, signal })) as Device,
    refetchInterval: (query) => interval(query, CALM),
  });
}

export function flowsQuery(api: Api, filter: FlowFilter) {
  return infiniteQueryOptions({
    queryKey: ["flows", filter],
    queryFn: async ({ pageParam, signal }) =>
      (await api.get("/v1/flows", {
        query: { limit: PAGE, cursor: pageParam, ...filter },
        signal,
      })) as Page<"flows", FlowSummary>,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: listInterval,
  });
}

export function flowQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: ["flow", id],
    queryFn: async ({ signal }) => (await readTaggedFlow(api, id, signal)).flow,
    refetchInterval: (query) => interval(query, CALM),
  });
}

/** A flow with the ETag that a change of it names. Asked once: whoever edits it goes on from there. */
export function editedFlowQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: ["edited-flow", id],
    queryFn: async ({ signal }) => readTaggedFlow(api, id, signal),
    staleTime: Infinity,
    gcTime: 0,
  });
}

export type TaggedFlow = { flow: Flow; etag: string | undefined };

export async function readTaggedFlow(api: Api, id: string, signal?: AbortSignal): Promise<TaggedFlow> {
  const flow = (await api.get("/v1/flows/{flow_id}", { path: { flow_id: id }, signal })) as Flow;
  return { flow, etag: api.etagOf(flow) };
}

export function nodeTypesQuery(api: Api) {
  return queryOptions({
    queryKey: ["node-types"],
    queryFn: async ({ signal }) => (await api.get("/v1/node-types", { signal })).node_types,
    staleTime: Infinity, // they change with the stack
  });
}

/** What has been published, newest first: it only grows, and is asked for again when there is a newer one (`latest`). */
export function versionsQuery(api: Api, id: string, latest: number | null) {
  return infiniteQueryOptions({
    queryKey: ["flow", id, "versions", "until", latest],
    queryFn: async ({ pageParam, signal }) =>
      (await api.get("/v1/flows/{flow_id}/versions", {
        path: { flow_id: id },
        query: { limit: PAGE, cursor: pageParam },
        signal,
      })) as Page<"versions", VersionSummary>,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: nextCursor,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
}

/** A published version never changes: it is asked for once. */
export function versionQuery(api: Api, id: string, version: number) {
  return queryOptions({
    queryKey: ["flow", id, "versions", version],
    queryFn: async ({ signal }) =>
      (await api.get("/v1/flows/{flow_id}/versions/{version}", { path: { flow_id: id, version }, signal })) as Version,
    staleTime: Infinity,
  });
}

function nextCursor(page: { next_cursor: string | null }): string | undefined {
  return page.next_cursor ?? undefined;
}
