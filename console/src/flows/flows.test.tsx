import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { FlowEvent } from "../api/types";
import { FakeApi } from "../testing/fake-api";
import { at, DEFINITION, flow, version } from "../testing/fixtures";
import { expectAccessible, show } from "../testing/render";

const ID = "flow_01JDTEMPERATURE";

function flows(): FakeApi {
  const fake = new FakeApi();
  fake.flows = [
    flow(),
    flow({ id: "flow_2", name: "Pump control", status: "draft", latest_version: null, tags: [] }),
    flow({ id: "flow_3", name: "Old pump", status: "archived" }),
  ];
  const hotter = { ...DEFINITION, variables: [{ name: "limit", type: "number" as const, value: "35" }] };
  fake.versions = [version(4), version(3), version(2), version(1, hotter)];
  const event = { actor: { kind: "caller" as const, name: "bob", subject: "s" }, at: at(0), status: "draft" };
  fake.events.set(ID, [
    { ...event, sequence: 1, type: "created", details: { name: "Greenhouse temperature" } },
    { ...event, sequence: 2, type: "published", details: { version: 1, sha256: "f", size: 9 } },
    { ...event, sequence: 3, type: "painted", details: {} } as unknown as FlowEvent,
  ]);
  return fake;
}

describe("the list of flows", () => {
  it("leaves archived ones out until they are asked for", async () => {
    const { container, user } = show("/flows", flows());
    expect(await screen.findByRole("link", { name: "Greenhouse temperature" })).toBeVisible();
    expect(screen.queryByRole("link", { name: "Old pump" })).not.toBeInTheDocument();
    await expectAccessible(container);
    await user.click(screen.getByRole("radio", { name: "Archived" }));
    expect(await screen.findByRole("link", { name: "Old pump" })).toBeVisible();
  });

  it("is searched by the API", async () => {
    const fake = flows();
    const { user } = show("/flows", fake);
    await user.type(await screen.findByRole("searchbox", { name: "Name" }), "pump");
    await waitFor(() => {
      expect(screen.queryByRole("link", { name: "Greenhouse temperature" })).not.toBeInTheDocument();
    });
    expect(screen.getByRole("link", { name: "Pump control" })).toBeVisible();
    expect(fake.asked.at(-1)?.query.get("name")).toBe("pump");
  });
});

describe("a flow", () => {
  it("shows its graph, and what is under way with it", async () => {
    const { container } = show(`/flows/${ID}`, flows());
    expect(await screen.findByText("4 nodes, 3 wires, 1 variable, 1 health check")).toBeVisible();
    expect(screen.getByRole("link", { name: "dep_01JDROLLING0001" })).toBeVisible();
    expect(await screen.findByText("Greenhouse sensor", {}, { timeout: 10_000 })).toBeInTheDocument();
    await expectAccessible(container);
  });

  it("lists its versions", async () => {
    const { user } = show(`/flows/${ID}`, flows());
    await user.click(await screen.findByRole("tab", { name: "Versions" }));
    expect((await screen.findByText("v4")).closest("tr")).toHaveTextContent("bob");
  });

  it("compares the two newest versions at first, and any two when asked", async () => {
    const { container, user } = show(`/flows/${ID}`, flows());
    await user.click(await screen.findByRole("tab", { name: "Compare" }));
    expect(await screen.findByText("Devices would notice no difference.")).toBeVisible();
    await user.selectOptions(screen.getByRole("combobox", { name: "From" }), "Version 1");
    const changed = await screen.findByText("limit");
    expect(changed.closest("li")).toHaveTextContent('value"35" → "30"');
    await expectAccessible(container);
  });

  it("compares a draft with what was published last", async () => {
    const fake = flows();
    const [sensor, ...others] = DEFINITION.nodes;
    if (sensor === undefined) throw new Error("no node");
    const nodes = [{ ...sensor, config: { pin: 17, interval: "10s" } }, ...others];
    fake.flows = [flow({ status: "draft", definition: { ...DEFINITION, nodes } })];
    const { user } = show(`/flows/${ID}`, fake);
    await user.click(await screen.findByRole("tab", { name: "Compare" }));
    const path = await screen.findByText("config.pin");
    expect(path.closest("li")).toHaveTextContent("Greenhouse sensor dht changedconfig.pin4 → 17");
  });

  it("tells its history, and events that are new by their name", async () => {
    const { user } = show(`/flows/${ID}`, flows());
    await user.click(await screen.findByRole("tab", { name: "History" }));
    expect(await screen.findByText("Created as “Greenhouse temperature”")).toBeVisible();
    expect(screen.getByText("Published as version 1")).toBeVisible();
    expect(screen.getByText("painted")).toBeVisible();
  });
});
