import type { TargetCounts } from "../api/types";

/** What a target's status means to somebody who watches; in this order they fill a bar: what is done first. */
export const TONES = ["good", "bad", "back", "skipped", "staged", "busy", "waiting"] as const;
export type Tone = (typeof TONES)[number];

export type Tally = Readonly<Record<Tone, number>>;

export const NOTHING: Tally = { waiting: 0, busy: 0, staged: 0, good: 0, bad: 0, back: 0, skipped: 0 };

/** The tone of a status; one that a newer API made up is `waiting`, so that it is at least counted. */
export function toneOf(status: string): Tone {
  switch (status) {
    case "deploying":
      return "busy";
    case "staged":
      return "staged";
    case "success":
      return "good";
    case "failed":
    case "rollback_failed":
      return "bad";
    case "rolled_back":
      return "back";
    case "skipped":
      return "skipped";
    default:
      return "waiting";
  }
}

/** `open` targets count as waiting: the API does not say how many of them have been told already. */
export function tallyOf(counts: TargetCounts): Tally {
  const tally = { ...NOTHING };
  for (const [status, count] of Object.entries(counts)) tally[toneOf(status)] += count;
  return tally;
}

export function sum(tallies: Iterable<Tally>): Tally {
  const total = { ...NOTHING };
  for (const tally of tallies) for (const tone of TONES) total[tone] += tally[tone];
  return total;
}

export function size(tally: Tally): number {
  return TONES.reduce((total, tone) => total + tally[tone], 0);
}

/** How many have an outcome: everything but those that wait or are at work. */
export function settled(tally: Tally): number {
  return size(tally) - tally.waiting - tally.busy;
}

/** How many of a wave count for its failure rate: all but those that were skipped as offline. */
export function counted(tally: Tally): number {
  return size(tally) - tally.skipped;
}

/** Percent of targets that failed, without those skipped; 0 of none. */
export function failureRate(tally: Tally): number {
  const total = counted(tally);
  return total === 0 ? 0 : (100 * tally.bad) / total;
}
