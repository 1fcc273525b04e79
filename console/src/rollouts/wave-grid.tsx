import { useRef, type KeyboardEvent } from "react";
import { Legend, TallyBar, tallyInWords } from "../components/tally-bar";
import { texts } from "../texts";
import { number } from "../wording";
import { sum } from "./counts";
import { bucketsOf, type Bucket, type Wave } from "./waves";

const words = texts.rollout;
const MOST_CELLS = 100;

/** Waves from `first` to `last`, counted from 1. */
export type Range = { first: number; last: number };

/**
 * Waves as cells. When there are more than fit, a cell stands for several, and choosing it looks into them; choosing a
 * single wave narrows the list of devices down to it.
 */
export function WaveGrid({
  waves,
  range,
  onRange,
}: {
  waves: readonly Wave[];
  range: Range | null;
  onRange: (range: Range | null) => void;
}) {
  const grid = useRef<HTMLDivElement>(null);
  if (waves.length === 0) return <p className="muted">{words.wavesNone}</p>;

  const isOneWave = range !== null && range.first === range.last;
  const inView = range === null || isOneWave ? around(waves, range) : waves.slice(range.first - 1, range.last);
  const buckets = bucketsOf(inView, MOST_CELLS).map((bucket) => shifted(bucket, (inView[0]?.number ?? 1) - 1));

  /** Arrow keys go from cell to cell; one of them is reached by Tab. */
  function onKeyDown(event: KeyboardEvent) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    const cells = [...(grid.current?.querySelectorAll("button") ?? [])];
    const at = cells.findIndex((cell) => cell === document.activeElement);
    const next = cells[at + step];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    next.focus();
  }

  const chosen = buckets.findIndex((bucket) => isOneWave && bucket.first === range.first && bucket.last === range.last);
  return (
    <div className="waves">
      {range !== null && (
        <p className="crumbs">
          <button
            type="button"
            className="button button-quiet"
            onClick={() => {
              onRange(null);
            }}
          >
            {words.allWaves}
          </button>
          <span aria-hidden="true">›</span> <b>{words.waveRange(range.first, range.last)}</b>
        </p>
      )}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions -- the cells are the buttons; keys move between them */}
      <div className="wave-grid" ref={grid} onKeyDown={onKeyDown}>
        {buckets.map((bucket, index) => (
          <button
            key={bucket.first}
            type="button"
            className={`wave wave-${bucket.state}`}
            tabIndex={index === Math.max(0, chosen) ? 0 : -1}
            aria-pressed={index === chosen}
            aria-label={words.bucket(
              words.waveRange(bucket.first, bucket.last),
              words.waveState[bucket.state],
              tallyInWords(bucket.tally),
            )}
            title={`${words.waveRange(bucket.first, bucket.last)}, ${words.waveState[bucket.state]}: ${tallyInWords(bucket.tally)}`}
            onClick={() => {
              onRange(index === chosen ? null : { first: bucket.first, last: bucket.last });
            }}
          >
            <span className="wave-name">{nameOf(bucket)}</span>
            <TallyBar tally={bucket.tally} />
          </button>
        ))}
      </div>
      <Legend tally={sum(inView.map((wave) => wave.tally))} />
    </div>
  );
}

/** The waves shown while one is chosen: those it was chosen among. */
function around(waves: readonly Wave[], range: Range | null): readonly Wave[] {
  if (range === null || waves.length <= MOST_CELLS) return waves;
  const width = Math.ceil(waves.length / MOST_CELLS);
  const start = Math.floor((range.first - 1) / width) * width;
  return waves.slice(start, start + width);
}

function shifted(bucket: Bucket, by: number): Bucket {
  return { ...bucket, first: bucket.first + by, last: bucket.last + by };
}

/** Where it begins; there is no room for more. */
function nameOf({ first, last }: Bucket): string {
  return first === last ? number(first) : `${number(first)} …`;
}
