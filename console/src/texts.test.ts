import { describe, expect, it } from "vitest";
import { texts } from "./texts";

const NOUNS =
  "batches|canaries|changes|characters|checks|deployments|devices|entries|failures|faults|flows|groups|hours|inputs|" +
  "items|jobs|keys|lines|messages|minutes|nodes|outputs|pages|reports|rollouts|rows|seconds|settings|steps|tags|" +
  "targets|things|times|variables|versions|waves|wires";
const WRONG = new RegExp(`(?:^|[^\\d.,])1 (?:more |other |health |of the )?(?:(?:${NOUNS})\\b|were\\b|are\\b|have\\b)`);

/** Whatever a text may be asked with; each place of its parameters is given each of these. */
const VALUES: readonly unknown[] = [1, 2, "x", ["x"], null, {}];

type Text = (...values: unknown[]) => unknown;

/** Each text that is made of something, with its place in `texts`. */
function textsIn(part: unknown, place: string): [string, Text][] {
  if (typeof part === "function") return [[place, part as Text]];
  if (typeof part !== "object" || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) => textsIn(value, `${place}.${key}`));
}

/** Every list of so many values. */
function lists(length: number): unknown[][] {
  if (length === 0) return [[]];
  return lists(length - 1).flatMap((list) => VALUES.map((value) => [...list, value]));
}

/** What a text says, whatever it is asked with; nothing where that is not meant for it. */
function said(text: Text): string[] {
  return lists(text.length).flatMap((values) => {
    try {
      return [text(...values)].flat().filter((sentence) => typeof sentence === "string");
    } catch {
      return [];
    }
  });
}

describe("texts", () => {
  const all = textsIn(texts, "texts");

  it("with something in them are all looked at", () => {
    expect(all.length).toBeGreaterThan(150);
    expect(all.filter(([, text]) => said(text).length === 0).map(([place]) => place)).toEqual([]);
  });

  it("never say “1 devices”", () => {
    const wrong = all.flatMap(([place, text]) =>
      said(text)
        .filter((sentence) => WRONG.test(sentence))
        .slice(0, 1)
        .map((sentence) => `${place}: ${sentence}`),
    );
    expect(wrong).toEqual([]);
  });
});
