import { describe, expect, it } from "vitest";
import { fakeToken } from "../testing/tokens";
import { readUser, whyNot } from "./rights";

describe("who a token is for", () => {
  it("is its user name and groups, in any script", () => {
    const token = fakeToken({ username: "Žofie ✓", "cognito:groups": ["operator"], sub: "1" });
    expect(readUser(token)).toEqual({ name: "Žofie ✓", groups: ["operator"] });
  });

  it.each(["", "no token", "a.b.c", `x.${btoa("[]")}.y`, `x.${btoa("null")}.y`])("is unknown for %j", (token) => {
    expect(readUser(token)).toEqual({ name: "Unknown user", groups: [] });
  });

  it("does not take what is no text for a group", () => {
    expect(readUser(fakeToken({ sub: "s", "cognito:groups": ["author", 7] }))).toEqual({
      name: "s",
      groups: ["author"],
    });
  });
});

describe("rights", () => {
  it("come with the group", () => {
    expect(whyNot({ name: "a", groups: ["operator"] }, "deploy")).toBeNull();
    expect(whyNot({ name: "a", groups: ["author"] }, "author")).toBeNull();
  });

  it("that are missing say which group gives them", () => {
    expect(whyNot({ name: "a", groups: ["viewer", "author"] }, "deploy")).toBe(
      "Needs the group “operator”; you are in “viewer” and “author”.",
    );
    expect(whyNot({ name: "a", groups: [] }, "author")).toContain("no group");
  });
});
