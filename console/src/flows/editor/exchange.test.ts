import { describe, expect, it } from "vitest";
import { DEFINITION, flow } from "../../testing/fixtures";
import { exported, fileName, readFile } from "./exchange";

const NATIVE = [
  { id: "a1", type: "inject", wires: [["b2"]] },
  { id: "b2", type: "debug", wires: [] },
];

describe("a file", () => {
  it("that was exported reads as what it was made from", () => {
    expect(readFile(exported(flow(), DEFINITION))).toEqual({ kind: "definition", definition: DEFINITION });
  });

  it("is named after the flow", () => {
    expect(fileName(flow({ name: "Greenhouse: Temperature!" }))).toBe("greenhouse-temperature.json");
    expect(fileName(flow({ id: "flow_1", name: "温室" }))).toBe("flow_1.json");
  });

  it("may leave out what has a default, and may be the definition alone", () => {
    const text = JSON.stringify({ nodes: [{ id: "a", type: "dht" }], connections: [{ source: "a", target: "a" }] });
    expect(readFile(text)).toEqual({
      kind: "definition",
      definition: {
        nodes: [{ id: "a", type: "dht", name: "", config: {}, x: 0, y: 0 }],
        connections: [{ source: "a", target: "a", port: 0 }],
        variables: [],
        health_checks: [],
      },
    });
  });

  it("keeps what is too much, for the API to refuse", () => {
    const read = readFile(JSON.stringify({ nodes: [{ id: "a", type: "dht", colour: "red" }] }));
    expect(read).toMatchObject({ definition: { nodes: [{ colour: "red" }] } });
  });

  it("of Node-RED is known as such, from its menu and from its admin API", () => {
    expect(readFile(JSON.stringify(NATIVE))).toEqual({ kind: "node-red", nodes: NATIVE });
    expect(readFile(JSON.stringify({ flows: NATIVE, rev: "1" }))).toEqual({ kind: "node-red", nodes: NATIVE });
  });

  it.each(["", "{", "[]", "[1]", "3", "null", "{}", '{"nodes": 3}', '{"nodes": [{"id": 1, "type": "dht"}]}'])(
    "that holds %j cannot be read",
    (text) => {
      expect(readFile(text)).toEqual({ kind: "unreadable" });
    },
  );
});
