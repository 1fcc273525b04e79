import { useSyncExternalStore } from "react";

const TICK = 5_000; // milliseconds

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  now = Date.now();
  timer ??= setInterval(() => {
    now = Date.now();
    for (const tell of listeners) tell();
  }, TICK);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time in milliseconds, one clock for the whole page: it goes on every five seconds. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
