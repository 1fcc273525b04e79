const SECONDS = { d: 86_400, h: 3_600, m: 60, s: 1 };

/** Milliseconds of a duration as the API writes it (`1h30m`); 0 when it is absent or cannot be read. */
export function milliseconds(duration: string | undefined): number {
  let total = 0;
  for (const [, count, unit] of (duration ?? "").matchAll(/(\d+)([dhms])/g)) {
    total += Number(count) * SECONDS[unit as keyof typeof SECONDS];
  }
  return total * 1_000;
}
