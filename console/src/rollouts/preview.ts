// Who is in which wave, for how long and how many of them are offline, before anything starts: by the rules of
// docs/api.md, from what was typed and the list of devices.

import type { DeploymentConfig, Strategy } from "../api/types";
import { milliseconds } from "./durations";
import { USUAL_HEALTH_WINDOW } from "./settings";
import { waveSizes } from "./waves";

export const MOST_WAVES = 1_000;

/** What is likely to go wrong with a wave because devices are offline. */
export type Risk = "breach" | "nobody" | "no_canary";

export type PlannedWave = {
  number: number;
  /** In order. */
  devices: readonly string[];
  /** Those that are not connected now. */
  offline: number;
  /** More failures than that breach. */
  tolerated: number;
  /** When it begins at the soonest, in seconds after the start. */
  begins: number;
  risk: Risk | null;
};

/** Seconds from start to end: when devices report at once, and when each wave takes its whole timeout. */
export type Times = { soonest: number; longest: number };

export type Preview = {
  total: number;
  waves: readonly PlannedWave[];
  /** Devices that are not connected now, in order. */
  offline: readonly string[];
} & Times;

/** `devices` in the order given, each once. */
export function previewOf(
  devices: readonly string[],
  strategy: Strategy,
  config: DeploymentConfig,
  isOffline: (device: string) => boolean,
  removes = false,
): Preview {
  const delay = delayOf(config);
  const window = windowOf(config, removes);
  const sizes = waveSizes(devices.length, strategy, config);
  const skips = config.offline === "skip";
  const waves: PlannedWave[] = [];
  let position = 0;
  let begins = 0;
  for (const [index, size] of sizes.entries()) {
    const isStaging = strategy === "blue_green" && index === 0;
    const isSwitch = strategy === "blue_green" && index === 1;
    // What was offline at the staging is not switched, where it was skipped; else the staging has failed of it.
    const left = isSwitch && skips ? devices.filter((device) => !isOffline(device)) : devices;
    const members = strategy === "blue_green" ? left : devices.slice(position, position + size);
    const offline = isSwitch ? 0 : members.filter(isOffline).length;
    const isProof = strategy === "canary" && sizes.length > 1 && index === 0;
    const counted = skips ? size - offline : size;
    const tolerated = Math.floor((counted * (config.failure_threshold ?? 0)) / 100);
    waves.push({
      number: index + 1,
      devices: members,
      offline,
      tolerated,
      begins,
      risk: skips ? riskOfSkipping(offline, size, isProof) : offline > tolerated ? "breach" : null,
    });
    position += size;
    begins += (isStaging ? 0 : window) + delay;
  }
  const times = timesOf(sizes.length, strategy, config, removes);
  return { total: devices.length, waves, offline: devices.filter(isOffline), ...times };
}

/** How long this many waves take, in seconds: when devices report at once, and when each takes its whole timeout. */
function timesOf(waves: number, strategy: Strategy, config: DeploymentConfig, removes: boolean): Times {
  const delays = Math.max(0, waves - 1) * delayOf(config);
  const windows = strategy === "blue_green" ? Math.min(1, waves) : waves; // what is staged does not run yet
  return {
    soonest: windows * windowOf(config, removes) + delays,
    longest: waves * seconds(config.timeout) + delays,
  };
}

/** What can be said before it is known who the targets are, as long as nobody knows who is in a group. */
export type Outline = {
  /** How many waves there will be, null where that depends on how many targets there are. */
  waves: number | null;
  /** Of all waves; of one, where it is not known how many there will be. */
  times: Times;
  /** Seconds from one wave to the next. */
  delay: number;
};

export function outlineOf(strategy: Strategy, config: DeploymentConfig, removes: boolean): Outline {
  const waves = {
    all_at_once: 1,
    rolling: null,
    canary: config.canary_percentage === 100 ? 1 : 2,
    blue_green: 2,
  }[strategy];
  return { waves, times: timesOf(waves ?? 1, strategy, config, removes), delay: delayOf(config) };
}

/** Waves that further targets, which come after these devices, change nothing of: the full ones of a rolling rollout. */
export function fullWaves({ waves }: Preview, { batch_size: batch }: DeploymentConfig): PlannedWave[] {
  return waves.filter((wave) => wave.devices.length === batch);
}

function delayOf(config: DeploymentConfig): number {
  return seconds(config.batch_delay ?? config.canary_delay ?? config.switch_delay);
}

function windowOf(config: DeploymentConfig, removes: boolean): number {
  return config.health_check && !removes ? seconds(config.health_window ?? USUAL_HEALTH_WINDOW) : 0;
}

function riskOfSkipping(offline: number, size: number, isProof: boolean): Risk | null {
  if (offline < size) return null;
  return isProof ? "no_canary" : "nobody";
}

/** The ids in a text that separates them by lines, spaces or commas, each once, in order. */
export function idsIn(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter((id) => id !== ""))];
}

function seconds(duration: string | undefined): number {
  return milliseconds(duration) / 1_000;
}
