import { texts } from "../texts";
import { useNow } from "./clock";

const day = new Intl.DateTimeFormat(undefined, { day: "2-digit", month: "short", year: "numeric" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const relative = new Intl.RelativeTimeFormat("en-GB", { numeric: "auto", style: "short" });

/** An instant in the user's zone; hovering shows it in UTC. `at` is ISO 8601 in UTC. */
export function Time({ at, ago = false }: { at: string | null; ago?: boolean }) {
  if (at === null) return <span className="muted">{texts.common.none}</span>;
  const instant = new Date(at);
  const local = `${day.format(instant)}, ${clock.format(instant)}`;
  const utc = texts.common.utc(instant.toISOString().slice(0, 19).replace("T", " "));
  return (
    <time dateTime={at} title={ago ? `${local}\n${utc}` : utc} className="time">
      {ago ? <FromNow instant={instant.getTime()} /> : local}
    </time>
  );
}

function FromNow({ instant }: { instant: number }) {
  return fromNow(instant, useNow());
}

/** `5 min ago`, `in 2 hr` */
export function fromNow(instant: number, now: number): string {
  const seconds = Math.round((instant - now) / 1_000);
  const units: [Intl.RelativeTimeFormatUnit, number][] = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ];
  for (const [unit, length] of units) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return relative.format(seconds, "second");
}
