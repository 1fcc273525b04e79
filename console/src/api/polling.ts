// How often a page asks. Something that changes is asked for every few seconds; each answer that is as the one before
// makes the next pause longer, up to a limit; a change makes it short again. A hidden tab asks nothing (TanStack Query
// holds intervals while the page is not visible, and asks once when it is looked at again).

export type Pace = {
  /** Milliseconds. */
  first: number;
  growth: number;
  most: number;
};

/** A rollout under way. */
export const LIVE: Pace = { first: 2_000, growth: 1.5, most: 20_000 };
/** Lists, and what has ended. */
export const CALM: Pace = { first: 15_000, growth: 1.5, most: 120_000 };

const HOUR = 3_600_000;

/** The pause before the next question, in milliseconds, after `unchanged` answers in a row that were like the one before. */
export function pause(pace: Pace, unchanged: number): number {
  return Math.min(pace.most, pace.first * pace.growth ** Math.max(0, unchanged));
}

/** The pause after `failures` questions in a row that failed; at least what the API asked for (`retryAfter`, seconds). */
export function pauseAfterFailure(pace: Pace, failures: number, retryAfter: number | null): number {
  return Math.max(pause(pace, failures), (retryAfter ?? 0) * 1_000);
}

/**
 * How many requests an hour this costs at rest: when nothing changes, from the first question on. A list of many `pages`
 * is asked for as a whole, after pauses as many times as long.
 */
export function requestsAtRest(pace: Pace, pages = 1): number {
  let questions = 0;
  for (let elapsed = 0; elapsed < HOUR; elapsed += pages * pause(pace, questions - 1)) questions += 1;
  return questions * pages;
}

/** Counts, of one thing that is asked for again and again, how many answers in a row were the same object. */
export class Unchanged {
  readonly #seen = new Map<string, { data: unknown; since: number }>();

  /** `updates` is how many answers there were in all; telling the same twice counts once. */
  count(key: string, data: unknown, updates: number): number {
    const before = this.#seen.get(key);
    if (before !== undefined && before.data === data && updates >= before.since) return updates - before.since;
    this.#seen.set(key, { data, since: updates });
    return 0;
  }
}
