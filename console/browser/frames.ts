// How long the frames of a page take. The time that counts is what the page's own thread worked: what the machine did
// for others meanwhile, as it does while tests run, says nothing about the console.

import type { Page } from "@playwright/test";

/** Milliseconds of the slowest frame: of work, and on the clock, which others on the machine make longer. */
export type Frames = { count: number; longestWork: number; longestOnClock: number };

type TraceEvent = { name: string; pid: number; tid: number; ts: number; dur?: number; tdur?: number };

const FRAME = "FireAnimationFrame";
const TASK = "ThreadControllerImpl::RunTask";

/** Do something with the page that asks for each of its frames, and measure them. */
export async function measureFrames(page: Page, act: () => Promise<void>): Promise<Frames> {
  const browser = page.context().browser();
  if (browser === null) throw new Error("the page has no browser of its own");
  await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline"] });
  await act();
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  return framesOf(trace.traceEvents);
}

function framesOf(events: readonly TraceEvent[]): Frames {
  const [first] = events.filter(({ name }) => name === FRAME);
  const own = events
    .filter(({ pid, tid }) => pid === first?.pid && tid === first.tid)
    .toSorted((one, other) => one.ts - other.ts);
  const starts = own.filter(({ name }) => name === FRAME).map(({ ts }) => ts);
  const tasks = own.filter(({ name, tdur }) => name === TASK && tdur !== undefined);
  const work = new Array<number>(starts.length).fill(0);
  for (const { ts, dur = 0, tdur = 0 } of tasks) {
    // A task counts for the frame that began last before the task ended: that of the frame itself, most of the time.
    const frame = starts.findLastIndex((start) => start <= ts + dur);
    if (frame >= 0) work[frame] = (work[frame] ?? 0) + tdur / 1_000;
  }
  const onClock = starts.slice(1).map((start, index) => (start - (starts[index] ?? start)) / 1_000);
  work.pop(); // the last one has no end: what came after it counts for nothing
  return { count: starts.length, longestWork: Math.max(0, ...work), longestOnClock: Math.max(0, ...onClock) };
}
