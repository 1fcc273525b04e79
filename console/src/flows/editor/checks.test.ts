import { describe, expect, it } from "vitest";
import document from "../../../../docs/openapi.json";
import { DEFINITION } from "../../testing/fixtures";
import { addCheck, CHECK_FIELDS, CHECK_TYPES, checkOf, isCheckType, removeCheck, setCheck } from "./checks";

const SCHEMAS = document.components.schemas;

type Schema = { properties: Record<string, object>; required: string[] };

const BY_TYPE: Record<(typeof CHECK_TYPES)[number], Schema> = {
  emitted: SCHEMAS.EmittedCheck,
  http: SCHEMAS.HttpCheck,
  command: SCHEMAS.CommandCheck,
};

describe("the settings of health checks", () => {
  it.each(CHECK_TYPES)("of type %s are those of the API's document", (type) => {
    const { properties, required } = BY_TYPE[type];
    const own = Object.entries(properties).filter(([name]) => !["name", "type", "node"].includes(name));
    const told = own.map(([name, property]) => [
      name,
      required.includes(name),
      "default" in property ? property.default : undefined,
    ]);
    const here = CHECK_FIELDS[type].map(({ name, required: needed, standard }) => [name, needed, standard]);
    expect(here.sort()).toEqual(told.sort());
  });

  it("are known for every type that there is", () => {
    const { mapping } = SCHEMAS.Definition.properties.health_checks.items.discriminator;
    expect(Object.keys(mapping).sort()).toEqual([...CHECK_TYPES].sort());
    expect(isCheckType("painted")).toBe(false);
  });
});

describe("the list of health checks", () => {
  it("grows by one under a name of its own, which watches a node where there is one", () => {
    const twice = addCheck(addCheck(DEFINITION));
    expect(twice.health_checks.slice(1)).toEqual([
      { name: "check_1", type: "emitted", node: "sensor" },
      { name: "check_2", type: "emitted", node: "sensor" },
    ]);
    expect(addCheck({ ...DEFINITION, nodes: [], health_checks: [] }).health_checks).toEqual([
      { name: "check_1", type: "http" },
    ]);
  });

  it("keeps what the new type of a check has as well, and nothing else", () => {
    const http = { name: "panel", type: "http", url: "http://127.0.0.1/", grace: "1m" };
    expect(checkOf("command", "panel", DEFINITION, http)).toEqual({ name: "panel", type: "command", grace: "1m" });
  });

  it("changes and loses the check at its place alone", () => {
    const two = addCheck(DEFINITION);
    const renamed = setCheck(two, 1, { name: "other", type: "http" });
    expect(renamed.health_checks.map(({ name }) => name)).toEqual(["readings", "other"]);
    expect(removeCheck(renamed, 0).health_checks.map(({ name }) => name)).toEqual(["other"]);
  });
});
