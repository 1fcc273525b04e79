import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { changesOf, failedQuery, targetsQuery, waveQuery } from "../api/queries";
import type { Deployment, Target } from "../api/types";
import { useConsole } from "../session/context";
import { toneOf } from "./counts";

/** Loaded by itself, so that the grid is exact for rollouts of this size; the rest is loaded when somebody asks. */
export const LOADED_BY_ITSELF = 2_000;
const MILLISECONDS_A_PAGE = 1_000;

export type Targets = {
  loaded: Target[];
  /** Every target of the deployment is in `loaded`. */
  complete: boolean;
  loading: boolean;
  error: unknown;
  loadMore: () => void;
};

/** Those that failed: of all targets while all are loaded, else the first ones that the API names. */
export function useFailed(deployment: Deployment, { loaded, complete }: Targets): Target[] {
  const { api } = useConsole();
  const { target_counts: counts } = deployment;
  const count = (counts.failed ?? 0) + (counts.rollback_failed ?? 0);
  const query = useQuery({ ...failedQuery(api, deployment.id, count), enabled: !complete && count > 0 });
  return useMemo(() => {
    const failed = loaded.filter((target) => toneOf(target.status) === "bad");
    const known = new Set(failed.map((target) => target.device_id));
    const others = complete ? [] : (query.data ?? []).filter((target) => !known.has(target.device_id));
    return [...failed, ...others];
  }, [loaded, complete, query.data]);
}

/** The targets of one wave: those that are loaded, and, while not all are, the first ones that the API names. */
export function useWaveTargets(deployment: Deployment, { loaded, complete }: Targets, wave: number | null): Target[] {
  const { api } = useConsole();
  const query = useQuery({
    ...waveQuery(api, deployment.id, wave ?? 0, changesOf(deployment)),
    enabled: !complete && wave !== null,
  });
  return useMemo(() => {
    const members = loaded.filter((target) => target.wave === wave);
    const known = new Set(members.map((target) => target.device_id));
    const others = complete ? [] : (query.data ?? []).filter((target) => !known.has(target.device_id));
    return [...members, ...others];
  }, [loaded, complete, wave, query.data]);
}

/**
 * The deployment's targets, as far as they are loaded. They are asked for again when the deployment has changed, and
 * never at more than one request a second, however many pages are loaded.
 */
export function useTargets(deployment: Deployment): Targets {
  const { api } = useConsole();
  const query = useInfiniteQuery(targetsQuery(api, deployment.id));
  const { data, dataUpdatedAt, fetchNextPage, hasNextPage, isFetching, refetch } = query;
  const loaded = useMemo(() => (data?.pages ?? []).flatMap((page) => page.targets), [data]);

  const since = changesOf(deployment);
  const shown = useRef(since);
  const pages = data?.pages.length ?? 0;
  useEffect(() => {
    if (shown.current === since || pages === 0) return;
    const wait = Math.max(0, dataUpdatedAt + pages * MILLISECONDS_A_PAGE - Date.now());
    const timer = setTimeout(() => {
      shown.current = since;
      void refetch();
    }, wait);
    return () => {
      clearTimeout(timer);
    };
  }, [since, pages, dataUpdatedAt, refetch]);

  const [wanted, setWanted] = useState(LOADED_BY_ITSELF);
  const missing = hasNextPage && loaded.length < wanted;
  useEffect(() => {
    if (missing && !isFetching) void fetchNextPage();
  }, [missing, isFetching, pages, fetchNextPage]);

  return {
    loaded,
    complete: data !== undefined && !hasNextPage,
    loading: isFetching,
    error: query.error,
    loadMore: () => {
      setWanted(loaded.length + LOADED_BY_ITSELF);
    },
  };
}
