import { size, TONES, type Tally } from "../rollouts/counts";
import { texts } from "../texts";
import { number } from "../wording";

/** `12 succeeded, 1 failed`: what there is, in words. */
export function tallyInWords(tally: Tally): string {
  const there = TONES.filter((tone) => tally[tone] > 0);
  return there.map((tone) => `${number(tally[tone])} ${texts.tones[tone]}`).join(", ") || texts.common.none;
}

/** Parts of a whole as a bar. Every part that is there can be seen, however small its share. */
export function TallyBar({ tally, label }: { tally: Tally; label?: string }) {
  const total = size(tally);
  return (
    <span className="tally" role="img" aria-label={label ?? tallyInWords(tally)}>
      {total > 0 &&
        TONES.filter((tone) => tally[tone] > 0).map((tone) => (
          <span key={tone} className={`tally-part tone-${tone}`} style={{ flexGrow: tally[tone] / total }} />
        ))}
    </span>
  );
}

/** What the colours mean, with counts. */
export function Legend({ tally }: { tally: Tally }) {
  return (
    <ul className="legend">
      {TONES.filter((tone) => tally[tone] > 0).map((tone) => (
        <li key={tone}>
          <span className={`swatch tone-${tone}`} aria-hidden="true" />
          <b>{number(tally[tone])}</b> {texts.tones[tone]}
        </li>
      ))}
    </ul>
  );
}
