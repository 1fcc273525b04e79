import { texts } from "../texts";

export type Kind = "neutral" | "busy" | "good" | "bad" | "hold" | "back";

const KINDS: Partial<Record<string, Kind>> = {
  running: "busy",
  deploying: "busy",
  starting: "busy",
  staged: "hold",
  paused: "hold",
  cancelling: "hold",
  completed: "good",
  success: "good",
  healthy: "good",
  published: "good",
  connected: "good",
  failed: "bad",
  unhealthy: "bad",
  rollback_failed: "bad",
  disconnected: "bad",
  rolling_back: "back",
  rolled_back: "back",
};

/** Shapes differ as well as colours. */
const SHAPES: Record<Kind, string> = {
  neutral: "M8 4.5a3.5 3.5 0 1 1 0 7a3.5 3.5 0 1 1 0-7z",
  busy: "M3 8h7M7 4.5 10.5 8 7 11.5M13 4v8",
  good: "M3 8.5 6.5 12 13 4.5",
  bad: "M4 4l8 8M12 4l-8 8",
  hold: "M5.5 4v8M10.5 4v8",
  back: "M7 3.5 3 7.5l4 4M3.5 7.5H10a3 3 0 0 1 0 5H8.5",
};

export function kindOf(status: string): Kind {
  return KINDS[status] ?? "neutral";
}

export function wordFor(status: string): string {
  return texts.status[status] ?? status.replaceAll("_", " ");
}

export function Icon({ kind }: { kind: Kind }) {
  return (
    <svg viewBox="0 0 16 16" className="icon" aria-hidden="true" focusable="false">
      <path
        d={SHAPES[kind]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.8"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

/** A status in a word, with a shape and a colour. */
export function Status({ of, strong = false }: { of: string; strong?: boolean }) {
  const kind = kindOf(of);
  return (
    <span className={`status status-${kind}${strong ? " status-strong" : ""}`}>
      <Icon kind={kind} />
      {wordFor(of)}
    </span>
  );
}
