// Waves are put together from what the API tells of the whole: the plan (settings and number of targets), the history
// (how each wave ended) and the deployment's counters. So a page of 100,000 targets costs as many requests as one of 20.

import type { DeploymentConfig, DeploymentEvent, DeploymentSummary, Strategy, Target } from "../api/types";
import { NOTHING, size, sum, tallyOf, toneOf, TONES, type Tally, type Tone } from "./counts";

export type WaveState = "waiting" | "running" | "ended" | "breached";

export type Wave = {
  number: number;
  state: WaveState;
  tally: Tally;
  /** How many may fail; null before the wave has started. */
  tolerated: number | null;
};

/** Waves side by side, shown as one cell. */
export type Bucket = { first: number; last: number; state: WaveState; tally: Tally };

type Told = { total?: number; tolerated?: number; ended: boolean; breached: boolean; tally?: Tally };

/**
 * Return the deployment's waves in order; none before its targets are known.
 *
 * Waves that have ended are as the history tells. What the deployment's counters have beyond them belongs to the wave
 * under way.
 */
export function wavesOf(deployment: DeploymentSummary, events: readonly DeploymentEvent[]): Wave[] {
  const sizes = waveSizes(deployment.total_targets ?? 0, deployment.strategy, deployment.config);
  const told = readHistory(events);
  const waves = sizes.map((planned, index): Wave => {
    const number = index + 1;
    const known = told.get(number);
    const total = known?.total ?? planned;
    return {
      number,
      state: stateOf(known, number, deployment),
      tolerated: known?.tolerated ?? null,
      tally: known?.tally ? padded(known.tally, total) : { ...NOTHING, waiting: total },
    };
  });
  return isUnderWay(deployment) ? withRest(waves, deployment) : waves;
}

/** How many targets each wave has, by the rules of the strategy; none of none. */
export function waveSizes(total: number, strategy: Strategy, config: DeploymentConfig): number[] {
  if (total === 0) return [];
  switch (strategy) {
    case "rolling": {
      const batch = config.batch_size ?? total;
      return Array.from({ length: Math.ceil(total / batch) }, (_, index) => Math.min(batch, total - index * batch));
    }
    case "canary": {
      const canaries = Math.max(1, Math.ceil((total * (config.canary_percentage ?? 100)) / 100));
      return canaries >= total ? [total] : [canaries, total - canaries];
    }
    case "blue_green":
      return [total, total];
    case "all_at_once":
    default:
      return [total];
  }
}

/** Count targets by wave; exact, for whoever has all of them. */
export function countByWave(waves: readonly Wave[], targets: readonly Target[]): Wave[] {
  const tallies = new Map<number, Record<Tone, number>>();
  for (const target of targets) {
    if (target.wave === null) continue;
    const tally = tallies.get(target.wave) ?? { ...NOTHING };
    tally[toneOf(target.status)] += 1;
    tallies.set(target.wave, tally);
  }
  return waves.map((wave) => ({ ...wave, tally: tallies.get(wave.number) ?? wave.tally }));
}

/** Put waves side by side together, in at most `most` buckets of equal size (the last one may be smaller). */
export function bucketsOf(waves: readonly Wave[], most: number): Bucket[] {
  const width = Math.max(1, Math.ceil(waves.length / most));
  const buckets: Bucket[] = [];
  for (let start = 0; start < waves.length; start += width) {
    const members = waves.slice(start, start + width);
    buckets.push({
      first: start + 1,
      last: start + members.length,
      state: together(members),
      tally: sum(members.map((wave) => wave.tally)),
    });
  }
  return buckets;
}

/** Targets side by side, shown as one cell whose tone is that of the one that most needs a look. */
export type Cell = { tone: Tone; tally: Tally; targets: readonly Target[] };

const OUTCOMES: readonly Tone[] = ["bad", "good", "staged", "back", "skipped"];
const URGENCY: readonly Tone[] = ["bad", "busy", "waiting", "skipped", "back", "staged", "good"];

/** Put targets together in at most `most` cells, in the order given. */
export function cellsOf(targets: readonly Target[], most: number): Cell[] {
  const width = Math.max(1, Math.ceil(targets.length / most));
  const cells: Cell[] = [];
  for (let start = 0; start < targets.length; start += width) {
    const members = targets.slice(start, start + width);
    const tally = { ...NOTHING };
    for (const target of members) tally[toneOf(target.status)] += 1;
    cells.push({ targets: members, tally, tone: URGENCY.find((tone) => tally[tone] > 0) ?? "waiting" });
  }
  return cells;
}

function readHistory(events: readonly DeploymentEvent[]): Map<number, Told> {
  const told = new Map<number, Told>();
  const at = (wave: number): Told => {
    const known = told.get(wave) ?? { ended: false, breached: false };
    told.set(wave, known);
    return known;
  };
  for (const event of events) {
    switch (event.type) {
      case "wave_started":
        Object.assign(at(event.details.wave), { total: event.details.total, tolerated: event.details.tolerated });
        break;
      case "wave_closed":
        at(event.details.wave).tally = tallyOf(event.details.target_counts);
        break;
      case "wave_ended":
        Object.assign(at(event.details.wave), {
          ended: true,
          breached: event.details.breached,
          tally: tallyOf(event.details.target_counts),
        });
        break;
      case "breached":
        at(event.details.wave).breached = true;
        break;
      case "breach_accepted":
        Object.assign(at(event.details.wave), { breached: false, tolerated: event.details.tolerated });
        break;
      default:
        break;
    }
  }
  return told;
}

function stateOf(told: Told | undefined, number: number, deployment: DeploymentSummary): WaveState {
  if (told?.breached) return "breached";
  if (told?.ended) return "ended";
  if (told !== undefined || number === deployment.current_wave) return isUnderWay(deployment) ? "running" : "ended";
  return "waiting";
}

function isUnderWay(deployment: DeploymentSummary): boolean {
  return deployment.status === "running" || deployment.status === "paused";
}

/** Counts leave out what is pending or deploying: those are the rest. */
function padded(tally: Tally, total: number): Tally {
  return { ...tally, waiting: tally.waiting + Math.max(0, total - size(tally)) };
}

/** Give the wave under way what the deployment's counters have beyond the waves that have ended. */
function withRest(waves: Wave[], deployment: DeploymentSummary): Wave[] {
  const current = waves.findLast((wave) => wave.state === "running");
  if (current === undefined) return waves;
  const counted = tallyOf(deployment.target_counts);
  // The switch of a blue-green deployment goes over the same targets again: what has ended is the staging of these.
  const others = deployment.strategy === "blue_green" ? [] : waves.filter((wave) => wave !== current);
  const elsewhere = sum(others.map((wave) => wave.tally));
  const rest = { ...NOTHING };
  for (const tone of TONES) rest[tone] = Math.max(0, counted[tone] - elsewhere[tone]);
  if (deployment.strategy === "blue_green" && current.number === 2) rest.staged = 0; // not switched yet: still at work
  const tally = { ...NOTHING };
  let left = size(current.tally);
  for (const tone of OUTCOMES) {
    // Devices of earlier waves that fell ill since are in the counters too: never more than the wave has.
    tally[tone] = Math.min(rest[tone], left);
    left -= tally[tone];
  }
  tally.busy = left;
  return waves.map((wave) => (wave === current ? { ...wave, tally } : wave));
}

function together(waves: readonly Wave[]): WaveState {
  const states = new Set(waves.map((wave) => wave.state));
  if (states.has("breached")) return "breached";
  if (states.has("running") || (states.has("waiting") && states.has("ended"))) return "running";
  return states.has("ended") ? "ended" : "waiting";
}
