// Small pieces of English that sentences are made of.

const counted = new Intl.NumberFormat("en-GB");
const short = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 3 });
const conjunction = new Intl.ListFormat("en-GB", { style: "long", type: "conjunction" });

/** `12,000` */
export function number(value: number): string {
  return counted.format(value);
}

/** A measured number, to three digits. */
export function amount(value: number): string {
  return short.format(value);
}

/** `1 wave`, `2 waves`, `2 health checks` */
export function plural(count: number, singular: string): string {
  return `${number(count)} ${noun(count, singular)}`;
}

/** The noun alone, as it goes with this count. */
export function noun(count: number, singular: string): string {
  return count === 1 ? singular : `${singular}s`;
}

export function devices(count: number): string {
  return plural(count, "device");
}

/** `a, b and c` */
export function list(items: readonly string[]): string {
  return conjunction.format(items);
}

export function quoted(text: string): string {
  return `“${text}”`;
}

/** Bytes, in units of 1,024: `1.5 GiB`. */
export function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = count;
  let unit = 0;
  while (value >= 1_024 && unit < units.length - 1) {
    value /= 1_024;
    unit += 1;
  }
  return `${amount(value)} ${units[unit] ?? ""}`;
}

/** Seconds, in its two largest units: `3 d 4 h`, `12 min`, `40 s`. */
export function span(seconds: number): string {
  const units: [string, number][] = [
    ["d", 86_400],
    ["h", 3_600],
    ["min", 60],
    ["s", 1],
  ];
  let rest = Math.max(0, Math.round(seconds));
  const parts: string[] = [];
  for (const [unit, length] of units) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) parts.push(`${count} ${unit}`);
    if (parts.length === 2) break;
  }
  return parts.join(" ") || "0 s";
}

/** `40 %`, `0.5 %`: never 0 for what is more, nor 100 for what is less. */
export function percent(value: number): string {
  if (value > 0 && value < 0.1) return "< 0.1 %";
  if (value > 99.9 && value < 100) return "> 99.9 %";
  return `${amount(Math.round(value * 10) / 10)} %`;
}
