import { describe, expect, it } from "vitest";
import document from "../../../docs/openapi.json";
import { ApiError } from "../api/errors";
import {
  changesOf,
  detailsOf,
  faultsFrom,
  faultsOf,
  MOST_DESCRIPTION,
  MOST_NAME,
  MOST_TAG,
  MOST_TAGS,
  NOTHING_TYPED,
  typedOf,
} from "./details";

describe("a flow's details", () => {
  it("are typed as they are stored, and tags count once", () => {
    const stored = { name: "Pump", description: "Fills the tank.", tags: ["hall 2", "water"] };
    expect(detailsOf(typedOf(stored))).toEqual(stored);
    expect(detailsOf({ ...NOTHING_TYPED, name: " Pump ", tags: "water,, hall 2 ,water" })).toEqual({
      name: "Pump",
      description: "",
      tags: ["water", "hall 2"],
    });
  });

  it("have the bounds that the API's document has", () => {
    const { name, description, tags } = document.components.schemas.CreateFlow.properties;
    expect([MOST_NAME, MOST_DESCRIPTION, MOST_TAG, MOST_TAGS]).toEqual([
      name.maxLength,
      description.maxLength,
      tags.items.maxLength,
      tags.maxItems,
    ]);
  });

  it("need a name, and tags that are not too long or too many", () => {
    expect(faultsOf({ name: "Pump", description: "", tags: ["water"] })).toEqual({});
    const many = Array.from({ length: 21 }, (_, index) => String(index));
    expect(faultsOf({ name: "", description: "", tags: [...many, "x".repeat(65)] })).toEqual({
      name: ["A flow needs a name."],
      tags: [expect.stringMatching(/is longer than 64 characters/), "At most 20 tags can be given."],
    });
  });

  it("take the API's faults at their fields", () => {
    const places = [
      { pointer: "/tags/3", detail: "Too long." },
      { pointer: "/name", detail: "Is missing." },
      { pointer: "", detail: "Something else." },
    ];
    const error = new ApiError({ status: 400, code: "invalid", message: "No.", places });
    expect(faultsFrom(error)).toEqual({ tags: ["Too long."], name: ["Is missing."] });
  });

  it("are sent where they changed", () => {
    const before = { name: "Pump", description: "", tags: ["water"] };
    expect(changesOf(before, { ...before, tags: ["water"] })).toEqual({});
    expect(changesOf(before, { name: "Pump 2", description: "", tags: [] })).toEqual({ name: "Pump 2", tags: [] });
  });
});
