import { useState } from "react";
import type { Vitals } from "../api/types";
import { Panel } from "../components/panel";
import { Sparkline, type Point } from "../components/sparkline";
import { texts } from "../texts";
import { bytes, percent, span } from "../wording";

const words = texts.device;
const TIGHT = 0.85; // from here on a share is marked
const FULL = 0.95;
const MOST_READINGS = 500;

/** What a device told of itself, and when: ISO 8601 in UTC. */
export type Reading = { at: string; vitals: Vitals };

/** Something that goes up and down, or up alone; null where the device does not tell it. */
type Sign = {
  name: string;
  level: (vitals: Vitals) => number | null;
  write: (level: number) => string;
  /** What stands there in place of the level alone. */
  value?: (vitals: Vitals) => string;
  /** It is a share of something that can run out. */
  isShare?: true;
  /** It only tells how long: its course says nothing. */
  isAge?: true;
};

const SIGNS: readonly Sign[] = [
  { name: words.load, level: ({ load }) => load, write: writeShare, isShare: true },
  {
    name: words.memory,
    level: ({ memory_total: total, memory_available: free }) => usedShare(total, free),
    write: writeShare,
    value: ({ memory_total: total, memory_available: free }) => used(total, free),
    isShare: true,
  },
  {
    name: words.disk,
    level: ({ disk_total: total, disk_free: free }) => usedShare(total, free),
    write: writeShare,
    value: ({ disk_total: total, disk_free: free }) => used(total, free),
    isShare: true,
  },
  { name: words.temperature, level: ({ temperature }) => temperature, write: words.celsius },
  { name: words.agentMemory, level: ({ agent_memory: memory }) => memory, write: bytes },
  { name: words.uptime, level: ({ uptime }) => uptime, write: span, isAge: true },
  { name: words.agentUptime, level: ({ agent_uptime: uptime }) => uptime, write: span, isAge: true },
];

/** What a device tells of itself now, and the course of it for as long as the page has been open. */
export function VitalsPanel({ vitals, at }: { vitals: Vitals | null; at: string | null }) {
  const readings = useReadings(vitals, at);
  const told = vitals === null ? [] : SIGNS.filter((sign) => sign.level(vitals) !== null);
  return (
    <Panel title={words.vitals}>
      {told.length === 0 && <p className="muted">{words.noVitals}</p>}
      <dl className="vitals">
        {vitals !== null &&
          told.map((sign) => (
            <div key={sign.name} className="vital">
              <dt>{sign.name}</dt>
              <dd>
                <Now sign={sign} vitals={vitals} />
                {sign.isAge !== true && <Course points={courseOf(sign, readings)} write={sign.write} />}
              </dd>
            </div>
          ))}
      </dl>
    </Panel>
  );
}

function Now({ sign, vitals }: { sign: Sign; vitals: Vitals }) {
  const level = sign.level(vitals) ?? 0;
  return (
    <>
      {sign.value?.(vitals) ?? sign.write(level)}
      {sign.isShare && (
        <span className={`vital-bar ${look(level)}`} aria-hidden="true">
          <span style={{ width: `${Math.min(100, 100 * level)}%` }} />
        </span>
      )}
    </>
  );
}

/** The course as a line and in words, once there are two readings. */
function Course({ points, write }: { points: readonly Point[]; write: (level: number) => string }) {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || first === last) return null;
  const levels = points.map(({ level }) => level);
  const [lowest, highest] = [write(Math.min(...levels)), write(Math.max(...levels))];
  return (
    <span className="vital-course">
      <Sparkline points={points} />
      <span className="muted">{words.course(lowest, highest, points.length, (last.at - first.at) / 1_000)}</span>
    </span>
  );
}

/** All that the device has told since the page was opened, oldest first: the API keeps what is newest alone. */
function useReadings(vitals: Vitals | null, at: string | null): readonly Reading[] {
  const [readings, setReadings] = useState<readonly Reading[]>([]);
  // The same report is the same object, however often it is asked for.
  if (vitals !== null && at !== null && readings.at(-1)?.vitals !== vitals) {
    setReadings([...readings.slice(1 - MOST_READINGS), { at, vitals }]);
  }
  return readings;
}

function courseOf({ level }: Sign, readings: readonly Reading[]): Point[] {
  return readings.flatMap(({ at, vitals }) => {
    const read = level(vitals);
    return read === null ? [] : [{ at: Date.parse(at), level: read }];
  });
}

function look(share: number): string {
  if (share >= FULL) return "vital-full";
  return share >= TIGHT ? "vital-tight" : "";
}

function usedShare(total: number | null, free: number | null): number | null {
  return total === null || free === null || total === 0 ? null : (total - free) / total;
}

function used(total: number | null, free: number | null): string {
  return words.used(bytes((total ?? 0) - (free ?? 0)), bytes(total ?? 0));
}

function writeShare(share: number): string {
  return percent(100 * share);
}
