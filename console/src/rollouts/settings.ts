// The settings of each strategy with their defaults and bounds, as docs/api.md has them (a test holds both together).

import type { DeploymentConfig, Strategy } from "../api/types";
import { texts } from "../texts";
import { milliseconds } from "./durations";

export type SettingName = keyof DeploymentConfig;

/** `min` and `max` are in seconds for durations. */
type Setting = { defaults: Partial<Record<Strategy, string>> } & (
  { kind: "duration" | "count" | "percent"; min: number; max: number } | { kind: "switch" } | { kind: "offline" }
);

const all = (value: string): Record<Strategy, string> => ({
  all_at_once: value,
  rolling: value,
  canary: value,
  blue_green: value,
});

const WEEK = 7 * 86_400;

/** In the order they are asked for. The default of `health_window` is the stack's, which the API does not tell: "". */
export const SETTINGS: Record<SettingName, Setting> = {
  batch_size: { kind: "count", min: 1, max: 10_000, defaults: { rolling: "10" } },
  batch_delay: { kind: "duration", min: 0, max: WEEK, defaults: { rolling: "5m" } },
  failure_threshold: { kind: "percent", min: 0, max: 100, defaults: { rolling: "20" } },
  canary_percentage: { kind: "percent", min: 1, max: 100, defaults: { canary: "10" } },
  canary_delay: { kind: "duration", min: 0, max: WEEK, defaults: { canary: "30m" } },
  switch_delay: { kind: "duration", min: 0, max: WEEK, defaults: { blue_green: "10m" } },
  timeout: { kind: "duration", min: 1, max: WEEK, defaults: { ...all("30m"), canary: "2h", blue_green: "1h" } },
  auto_rollback: { kind: "switch", defaults: all("true") },
  health_check: { kind: "switch", defaults: all("true") },
  health_window: { kind: "duration", min: 1, max: 3_600, defaults: all("") },
  offline: { kind: "offline", defaults: all("wait") },
};

export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** `HealthWindowSeconds` of a stack that sets none. */
export const USUAL_HEALTH_WINDOW = "30s";

/** What somebody has changed, as it was typed. */
export type Changes = Partial<Record<SettingName, string>>;

export function namesOf(strategy: Strategy): SettingName[] {
  return SETTING_NAMES.filter((name) => SETTINGS[name].defaults[strategy] !== undefined);
}

export function valueOf(name: SettingName, strategy: Strategy, changes: Changes): string {
  return changes[name] ?? SETTINGS[name].defaults[strategy] ?? "";
}

const DURATION = /^(?=[0-9])(?:[0-9]{1,9}d)?(?:[0-9]{1,9}h)?(?:[0-9]{1,9}m)?(?:[0-9]{1,9}s)?$/;
const WHOLE = /^[0-9]{1,9}$/;

/** Say in a sentence why a setting cannot be taken as it was typed; null when it can. */
export function faultOf(name: SettingName, typed: string): string | null {
  const setting = SETTINGS[name];
  const words = texts.newRollout.faults;
  const text = typed.trim();
  if (setting.kind === "switch" || setting.kind === "offline") return null;
  if (text === "" && setting.defaults.rolling === "") return null; // the stack's
  const { kind, min, max } = setting;
  if (kind === "duration") {
    if (!DURATION.test(text)) return words.duration;
    const seconds = milliseconds(text) / 1_000;
    return seconds < min || seconds > max ? words.durationRange(min, max) : null;
  }
  if (!WHOLE.test(text)) return words.whole(min, max);
  return Number(text) < min || Number(text) > max ? words.whole(min, max) : null;
}

/** Return all settings with their defaults, or null while one of them cannot be taken. */
export function configOf(strategy: Strategy, changes: Changes): DeploymentConfig | null {
  const names = namesOf(strategy);
  if (names.some((name) => faultOf(name, valueOf(name, strategy, changes)) !== null)) return null;
  return Object.fromEntries(
    names.map((name) => [name, typedOf(name, valueOf(name, strategy, changes))]),
  ) as DeploymentConfig;
}

/** Return the settings that differ from their defaults: the API fills in the others, as it has them. */
export function changedConfig(strategy: Strategy, changes: Changes, removes: boolean): Partial<DeploymentConfig> {
  const healthIsOff = valueOf("health_check", strategy, changes) === "false";
  const sent = namesOf(strategy)
    .filter((name) => valueOf(name, strategy, changes) !== SETTINGS[name].defaults[strategy])
    .filter((name) => name !== "health_window" || !(removes || healthIsOff));
  return Object.fromEntries(sent.map((name) => [name, typedOf(name, valueOf(name, strategy, changes))]));
}

function typedOf(name: SettingName, typed: string): string | number | boolean | null {
  const text = typed.trim();
  switch (SETTINGS[name].kind) {
    case "count":
    case "percent":
      return Number(text);
    case "switch":
      return text === "true";
    case "duration":
      return text === "" ? null : text;
    case "offline":
      return text;
  }
}
