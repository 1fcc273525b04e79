// What a flow is called and found by, as it is typed and as the API takes it.

import type { ApiError } from "../api/errors";
import type { Flow } from "../api/types";
import { texts } from "../texts";

export const MOST_NAME = 128; // characters, as the API's document has them
export const MOST_DESCRIPTION = 2_048;
export const MOST_TAG = 64;
export const MOST_TAGS = 20;

export type Details = Pick<Flow, "name" | "description" | "tags">;

/** Tags are typed in one line, with commas between them. */
export type Typed = { name: string; description: string; tags: string };

/** Sentences by the field that they are about. */
export type DetailFaults = Partial<Record<keyof Typed, readonly string[]>>;

export const NOTHING_TYPED: Typed = { name: "", description: "", tags: "" };

export function typedOf({ name, description, tags }: Details): Typed {
  return { name, description, tags: tags.join(", ") };
}

export function detailsOf({ name, description, tags }: Typed): Details {
  const named = tags.split(",").map((tag) => tag.trim());
  return { name: name.trim(), description, tags: [...new Set(named)].filter((tag) => tag !== "") };
}

/** What can be seen to be wrong without asking the API. */
export function faultsOf({ name, tags }: Details): DetailFaults {
  const words = texts.flowDetails.faults;
  const wrong = [
    ...tags.filter((tag) => tag.length > MOST_TAG).map((tag) => words.tagLength(tag, MOST_TAG)),
    ...(tags.length > MOST_TAGS ? [words.tagCount(MOST_TAGS)] : []),
  ];
  return { ...(name === "" ? { name: [words.name] } : {}), ...(wrong.length > 0 ? { tags: wrong } : {}) };
}

/** The faults that the API found, at the fields that they are about; those of no field are left out. */
export function faultsFrom({ places }: ApiError): DetailFaults {
  const found: { -readonly [Name in keyof Typed]?: string[] } = {};
  for (const { pointer, detail } of places) {
    const field = pointer.split("/")[1];
    if (field === "name" || field === "description" || field === "tags") (found[field] ??= []).push(detail);
  }
  return found;
}

/** The keys of a merge patch that makes the one of the other. */
export function changesOf(before: Details, after: Details): Partial<Details> {
  return {
    ...(before.name === after.name ? {} : { name: after.name }),
    ...(before.description === after.description ? {} : { description: after.description }),
    ...(sameTags(before.tags, after.tags) ? {} : { tags: after.tags }),
  };
}

function sameTags(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((tag, index) => tag === other[index]);
}
