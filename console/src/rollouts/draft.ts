// What is filled in to create a rollout, what the API is sent of it, and at which field its faults belong.

import { asApiError } from "../api/errors";
import type { CreateDeployment, DeploymentConfig, Strategy } from "../api/types";
import { texts } from "../texts";
import { milliseconds } from "./durations";
import { idsIn, MOST_WAVES } from "./preview";
import { changedConfig, configOf, faultOf, namesOf, valueOf, type Changes, type SettingName } from "./settings";
import { waveSizes } from "./waves";

export type Draft = {
  flowId: string;
  action: "deploy" | "remove";
  /** As typed; empty for the newest. */
  version: string;
  strategy: Strategy;
  devices: string;
  groups: string;
  settings: Changes;
};

export const FIELDS = ["flow_id", "action", "flow_version", "strategy", "target_devices", "target_groups"] as const;
export type FieldName = (typeof FIELDS)[number] | SettingName;

/** Sentences by the field that they are about. */
export type Faults = Partial<Record<FieldName, string[]>>;

export function emptyDraft(flowId = ""): Draft {
  return { flowId, action: "deploy", version: "", strategy: "rolling", devices: "", groups: "", settings: {} };
}

export function bodyOf(draft: Draft): CreateDeployment {
  const version = draft.version.trim();
  const removes = draft.action === "remove";
  return {
    flow_id: draft.flowId.trim(),
    action: draft.action,
    ...(removes || version === "" ? {} : { flow_version: Number(version) }),
    strategy: draft.strategy,
    target_devices: idsIn(draft.devices),
    target_groups: idsIn(draft.groups),
    config: changedConfig(draft.strategy, draft.settings, removes),
  };
}

/** What can be seen to be wrong without asking: settings at once, what is missing (`all`) when it is to be sent. */
export function faultsOf(draft: Draft, all: boolean): Faults {
  const words = texts.newRollout.faults;
  const faults: Faults = {};
  for (const name of namesOf(draft.strategy)) {
    if (!isAsked(name, draft)) continue;
    const fault = faultOf(name, valueOf(name, draft.strategy, draft.settings));
    if (fault !== null) faults[name] = [fault];
  }
  const version = draft.version.trim();
  if (draft.action === "deploy" && version !== "" && !/^[1-9][0-9]{0,7}$/.test(version)) {
    faults.flow_version = [words.version];
  }
  const config = configOf(draft.strategy, draft.settings);
  if (config !== null) addConflicts(faults, draft, config);
  if (!all) return faults;
  if (draft.flowId.trim() === "") faults.flow_id = [words.flow];
  if (idsIn(draft.devices).length + idsIn(draft.groups).length === 0) faults.target_devices = [words.targets];
  return faults;
}

/** Settings that contradict each other, or the number of devices. */
function addConflicts(faults: Faults, draft: Draft, config: DeploymentConfig): void {
  const words = texts.newRollout.faults;
  const window = isAsked("health_window", draft) ? (config.health_window ?? null) : null;
  if (window !== null && milliseconds(config.timeout) <= milliseconds(window)) faults.timeout = [words.timeout];
  const total = idsIn(draft.devices).length;
  const waves = waveSizes(total, draft.strategy, config).length;
  if (waves > MOST_WAVES) faults.batch_size = [words.waves(waves, MOST_WAVES, Math.ceil(total / MOST_WAVES))];
}

/** A removal has no health window, nor has what does not look at health. */
export function isAsked(name: SettingName, { action, strategy, settings }: Draft): boolean {
  return name !== "health_window" || (action === "deploy" && valueOf("health_check", strategy, settings) === "true");
}

/** Sort the faults that the API found by field; `rest` has those of which the form has none. */
export function faultsFrom(error: unknown, strategy: Strategy): { faults: Faults; rest: string[] } {
  const faults: Faults = {};
  const rest: string[] = [];
  for (const { pointer, detail } of asApiError(error).places) {
    const field = fieldAt(pointer, strategy);
    if (field === null) rest.push(detail);
    else (faults[field] ??= []).push(detail);
  }
  return { faults, rest };
}

/** `/target_devices/3` → `target_devices`, `/config/timeout` → `timeout` */
function fieldAt(pointer: string, strategy: Strategy): FieldName | null {
  const [, first = "", second = ""] = pointer.split("/");
  if (first === "config") return namesOf(strategy).find((name) => name === second) ?? null;
  return FIELDS.find((name) => name === first) ?? null;
}
