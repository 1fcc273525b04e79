// A flow's health checks: their types, the settings of each, and edits of the list.

import type { Definition, HealthCheck } from "../../api/types";
import { texts } from "../../texts";
import type { Control, Field } from "./schema";

export const CHECK_TYPES = ["emitted", "http", "command"] as const;
export type CheckType = (typeof CHECK_TYPES)[number];

const words = texts.editor.checkSettings;
const TEXT: Control = { kind: "text", long: false };

function setting(name: keyof typeof words, standard: unknown, control: Control = TEXT): Field {
  return { name, required: standard === undefined, description: words[name], standard, control };
}

const RUNS = [setting("interval", "10s"), setting("timeout", "5s"), setting("grace", "30s")];
const STATUS: Control = { kind: "number", whole: true, least: 100, most: 599, references: false };

/** The settings of each type beside its name, and beside the node that an `emitted` check watches. */
export const CHECK_FIELDS: Readonly<Record<CheckType, readonly Field[]>> = {
  emitted: [setting("within", "30s")],
  http: [setting("url", undefined), setting("status", null, STATUS), ...RUNS],
  command: [setting("command", undefined, { kind: "lines" }), ...RUNS],
};

export function isCheckType(type: string): type is CheckType {
  return CHECK_TYPES.some((one) => one === type);
}

/** A check of this type with what it cannot do without; others are taken over from the check that it was before. */
export function checkOf(type: CheckType, name: string, { nodes }: Definition, before?: HealthCheck): HealthCheck {
  const known = new Set(CHECK_FIELDS[type].map((field) => field.name));
  const kept = Object.fromEntries(Object.entries(before ?? {}).filter(([key]) => known.has(key)));
  return { ...kept, name, type, ...(type === "emitted" ? { node: nodes[0]?.id ?? "" } : {}) };
}

export function addCheck(definition: Definition): Definition {
  const taken = new Set(definition.health_checks.map(({ name }) => name));
  let number = 1;
  while (taken.has(`check_${number}`)) number += 1;
  const check = checkOf(definition.nodes.length > 0 ? "emitted" : "http", `check_${number}`, definition);
  return { ...definition, health_checks: [...definition.health_checks, check] };
}

export function setCheck(definition: Definition, index: number, check: HealthCheck): Definition {
  return { ...definition, health_checks: definition.health_checks.with(index, check) };
}

export function removeCheck(definition: Definition, index: number): Definition {
  return { ...definition, health_checks: definition.health_checks.toSpliced(index, 1) };
}
