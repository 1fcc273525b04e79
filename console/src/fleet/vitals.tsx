import type { Vitals } from "../api/types";
import { Panel } from "../components/panel";
import { texts } from "../texts";
import { bytes, percent, span } from "../wording";

const words = texts.device;
const TIGHT = 0.85; // from here on a share is marked
const FULL = 0.95;

/** A share of something that can run out. */
type Measure = { name: string; value: string; share: number | null };

/** The vital signs that the device tells, in the order they are shown. */
export function measuresOf(vitals: Vitals): Measure[] {
  const measures: Measure[] = [];
  const add = (name: string, value: string | null, share: number | null = null) => {
    if (value !== null) measures.push({ name, value, share });
  };
  add(
    words.load,
    when(vitals.load, (load) => percent(100 * load)),
    vitals.load,
  );
  const memory = used(vitals.memory_total, vitals.memory_available);
  add(words.memory, memory?.value ?? null, memory?.share);
  const disk = used(vitals.disk_total, vitals.disk_free);
  add(words.disk, disk?.value ?? null, disk?.share);
  add(words.temperature, when(vitals.temperature, words.celsius));
  add(words.agentMemory, when(vitals.agent_memory, bytes));
  add(words.uptime, when(vitals.uptime, span));
  add(words.agentUptime, when(vitals.agent_uptime, span));
  return measures;
}

export function VitalsPanel({ vitals }: { vitals: Vitals | null }) {
  const measures = vitals ? measuresOf(vitals) : [];
  return (
    <Panel title={words.vitals}>
      {measures.length === 0 && <p className="muted">{words.noVitals}</p>}
      <dl className="vitals">
        {measures.map(({ name, value, share }) => (
          <div key={name} className="vital">
            <dt>{name}</dt>
            <dd>
              {value}
              {share !== null && (
                <span className={`vital-bar ${look(share)}`} aria-hidden="true">
                  <span style={{ width: `${Math.min(100, 100 * share)}%` }} />
                </span>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function look(share: number): string {
  if (share >= FULL) return "vital-full";
  return share >= TIGHT ? "vital-tight" : "";
}

function used(total: number | null, free: number | null): { value: string; share: number } | null {
  if (total === null || free === null || total === 0) return null;
  return { value: words.used(bytes(total - free), bytes(total)), share: (total - free) / total };
}

function when(value: number | null, write: (value: number) => string): string | null {
  return value === null ? null : write(value);
}
