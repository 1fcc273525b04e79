// The form of a node's settings, made from the JSON Schema of its type. What has no field of its own is written as JSON.

import type { JsonSchema } from "../../api/types";
import { texts } from "../../texts";

export type Control =
  | { kind: "text"; long: boolean }
  | { kind: "number"; whole: boolean; least: number | null; most: number | null; references: boolean }
  | { kind: "boolean" }
  | { kind: "choice"; values: readonly string[] }
  /** A number, a text, a boolean or null. */
  | { kind: "scalar" }
  /** Texts, one a line. */
  | { kind: "lines" }
  /** Objects, each of one of the forms; `tag` names the setting that tells them apart, null where there is one form. */
  | { kind: "list"; tag: string | null; forms: readonly Form[] }
  | { kind: "json" };

export type Form = { tag: string; fields: readonly Field[] };

export type Field = {
  name: string;
  required: boolean;
  description: string;
  /** Undefined where there is none. */
  standard: unknown;
  control: Control;
};

type Definitions = Readonly<Record<string, JsonSchema>>;

export function fieldsOf(schema: JsonSchema): Field[] {
  return objectFields(schema, (schema.$defs ?? {}) as Definitions);
}

function objectFields(schema: JsonSchema, definitions: Definitions): Field[] {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
  const required = new Set((schema.required ?? []) as string[]);
  return Object.entries(properties).map(([name, property]) => ({
    name,
    required: required.has(name),
    description: typeof property.description === "string" ? property.description : "",
    standard: property.default,
    control: controlOf(property, definitions),
  }));
}

function controlOf(property: JsonSchema, definitions: Definitions): Control {
  const schema = resolved(property, definitions);
  const forms = alternatives(schema, definitions).filter(({ type }) => type !== "null");
  const plain = forms.filter(({ format }) => format !== "with-references");
  const references = plain.length < forms.length;
  const [only] = plain;
  if (only === undefined) return { kind: "json" };
  if (plain.length > 1) return plain.every(isScalar) ? { kind: "scalar" } : { kind: "json" };
  if (isTexts(only.enum)) return { kind: "choice", values: only.enum };
  switch (only.type) {
    case "string":
      return { kind: "text", long: Number(only.maxLength ?? 0) > 4_096 };
    case "integer":
    case "number":
      return {
        kind: "number",
        whole: only.type === "integer",
        least: numberOr(only.minimum, null),
        most: numberOr(only.maximum, null),
        references,
      };
    case "boolean":
      return references ? { kind: "scalar" } : { kind: "boolean" };
    case "array":
      return listOf((only.items ?? {}) as JsonSchema, definitions);
    default:
      return { kind: "json" };
  }
}

function listOf(items: JsonSchema, definitions: Definitions): Control {
  const forms = alternatives(resolved(items, definitions), definitions);
  if (forms.length === 1 && forms[0]?.type === "string") return { kind: "lines" };
  const closed = forms.filter((form) => form.type === "object" && form.additionalProperties === false);
  if (closed.length < forms.length || closed.some((form) => form.patternProperties !== undefined)) {
    return { kind: "json" };
  }
  if (closed.length === 1)
    return { kind: "list", tag: null, forms: closed.map((form) => formOf(form, "", definitions)) };
  const tag = (items.discriminator as { propertyName?: string } | undefined)?.propertyName;
  if (tag === undefined) return { kind: "json" };
  return { kind: "list", tag, forms: closed.map((form) => formOf(form, tagValue(form, tag), definitions)) };
}

function formOf(schema: JsonSchema, tag: string, definitions: Definitions): Form {
  const isTag = (property: JsonSchema | undefined) => property?.const !== undefined;
  const properties = schema.properties as Record<string, JsonSchema>;
  return { tag, fields: objectFields(schema, definitions).filter(({ name }) => !isTag(properties[name])) };
}

function tagValue(schema: JsonSchema, tag: string): string {
  const value = (schema.properties as Record<string, JsonSchema>)[tag]?.const;
  return typeof value === "string" ? value : "";
}

function resolved(schema: JsonSchema, definitions: Definitions): JsonSchema {
  if (typeof schema.$ref !== "string") return schema;
  return definitions[schema.$ref.replace("#/$defs/", "")] ?? {};
}

function alternatives(schema: JsonSchema, definitions: Definitions): JsonSchema[] {
  const among = schema.anyOf ?? schema.oneOf;
  return Array.isArray(among) ? (among as JsonSchema[]).map((one) => resolved(one, definitions)) : [schema];
}

function isScalar({ type }: JsonSchema): boolean {
  return type === "string" || type === "integer" || type === "number" || type === "boolean";
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function numberOr<Other>(value: unknown, other: Other): number | Other {
  return typeof value === "number" ? value : other;
}

/** Text as it is typed for a number, a text, a boolean or null; a text that would read as another is quoted. */
export function scalarText(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value !== "string") return JSON.stringify(value);
  return value === "" || value.trim() !== value || readsAsJson(value) ? JSON.stringify(value) : value;
}

/** The other way round. Nothing typed is no value. */
export function readScalar(text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  return readsAsJson(trimmed) ? (JSON.parse(trimmed) as unknown) : trimmed;
}

/** What is typed for a number; what is none stays a text, so that it is not lost, and is a fault. */
export function readNumber(text: string): number | string | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : trimmed;
}

/** What can be seen to be wrong with a setting without asking the API. Null where nothing is. */
export function faultOf({ control, required }: Field, value: unknown): string | null {
  const words = texts.editor.settingFaults;
  if (value === undefined || value === null) return required ? words.required : null;
  if (control.kind !== "number") return null;
  const { whole, least, most, references } = control;
  if (typeof value !== "number")
    return references && typeof value === "string" && value.includes("${") ? null : words.number(whole);
  const isOut = (least !== null && value < least) || (most !== null && value > most);
  if (whole && !Number.isInteger(value)) return words.number(true);
  return isOut ? words.range(least, most) : null;
}

function readsAsJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value !== "object" || value === null;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
