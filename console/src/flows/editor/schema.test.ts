import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NODE_TYPES, nodeType } from "../../testing/node-types";
import { faultOf, fieldsOf, readNumber, readScalar, scalarText, type Field } from "./schema";

function field(type: string, name: string): Field {
  const found = fieldsOf(nodeType(type).settings).find((one) => one.name === name);
  if (found === undefined) throw new Error(`${type} has no setting ${name}`);
  return found;
}

describe("the form of a type's settings", () => {
  it.each(NODE_TYPES.map(({ type, settings }) => [type, settings] as const))("of %s has every setting", (_, schema) => {
    expect(fieldsOf(schema).map(({ name }) => name)).toEqual(Object.keys(schema.properties ?? {}));
  });

  it("has a control for each kind of value", () => {
    expect(field("delay", "mode").control).toEqual({ kind: "choice", values: ["fixed", "random", "rate"] });
    expect(field("delay", "at_most").control).toEqual({ kind: "text", long: false });
    expect(field("delay", "keep").control).toMatchObject({ kind: "number", whole: true, least: 1, most: 10_000 });
    expect(field("inject", "once").control).toEqual({ kind: "boolean" });
    expect(field("inject", "payload").control).toEqual({ kind: "json" });
    expect(field("http_request", "url")).toMatchObject({ required: true, control: { kind: "text" } });
    expect(field("node-red", "mute").control).toEqual({ kind: "lines" });
    expect(field("node-red", "flows").control).toEqual({ kind: "json" });
  });

  it("has lists of rules, of one form and of several", () => {
    const rules = field("switch", "rules").control;
    if (rules.kind !== "list") throw new Error("no list");
    expect([rules.tag, rules.forms[0]?.fields.map(({ name }) => name)]).toEqual([
      null,
      ["operator", "value", "variable", "port"],
    ]);
    expect(rules.forms[0]?.fields[1]?.control).toEqual({ kind: "scalar" });
    const changes = field("change", "rules").control;
    if (changes.kind !== "list") throw new Error("no list");
    expect([changes.tag, changes.forms.map(({ tag }) => tag).sort()]).toEqual([
      "action",
      ["delete", "move", "replace", "set"],
    ]);
    expect(changes.forms.flatMap(({ fields }) => fields).map(({ name }) => name)).not.toContain("action");
  });

  it("writes as JSON what it does not know", () => {
    const schema = {
      properties: { odd: { type: "object", patternProperties: { a: {} } }, any: {}, gone: { $ref: "#/$defs/X" } },
    };
    expect(fieldsOf(schema).map(({ control }) => control.kind)).toEqual(["json", "json", "json"]);
  });
});

describe("what is typed", () => {
  it("for a number or a text is told apart", () => {
    expect(["30", "true", "null", "hot", '"30"', " ", "{x"].map(readScalar)).toEqual([
      30,
      true,
      null,
      "hot",
      "30",
      undefined,
      "{x",
    ]);
  });

  it("reads back as the value that it shows", () => {
    const scalars = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    );
    fc.assert(
      fc.property(scalars, (value) => {
        expect(readScalar(scalarText(value))).toEqual(Object.is(value, -0) ? 0 : value);
      }),
    );
  });

  it("for a number and is none is kept, and is a fault", () => {
    expect([readNumber("4"), readNumber(""), readNumber("4x")]).toEqual([4, undefined, "4x"]);
    const keep = field("delay", "keep");
    expect([4, 0, 1.5, "4x", undefined].map((value) => faultOf(keep, value))).toEqual([
      null,
      "It must be from 1 to 10,000.",
      "It must be a whole number.",
      "It must be a whole number.",
      null,
    ]);
    expect(faultOf(field("http_request", "url"), undefined)).toBe("It is required.");
  });
});
