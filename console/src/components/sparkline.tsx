/** A reading: when it was taken (milliseconds), and what was read. */
export type Point = { at: number; level: number };

const WIDTH = 120; // pixels
const HEIGHT = 20;
const MARGIN = 2; // the line is not cut off at its highest

/** The course of readings, oldest first, from the lowest to the highest of them. Whoever shows it says its numbers as well. */
export function Sparkline({ points }: { points: readonly Point[] }) {
  return (
    <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" focusable="false">
      <polyline points={lineOf(points)} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" />
    </svg>
  );
}

/** `x,y` of each reading in the drawing; readings that are all alike lie in its middle. */
export function lineOf(points: readonly Point[]): string {
  const across = scale(
    points.map(({ at }) => at),
    WIDTH,
  );
  const up = scale(
    points.map(({ level }) => level),
    HEIGHT,
  );
  return points.map(({ at, level }) => `${across(at)},${HEIGHT - up(level)}`).join(" ");
}

/** From the smallest and the largest of the values to the margins of a drawing of this size. */
function scale(values: readonly number[], size: number): (value: number) => number {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (least === most) return () => size / 2;
  return (value) => round(MARGIN + ((value - least) / (most - least)) * (size - 2 * MARGIN));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
