import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Device } from "../api/types";
import { FakeApi } from "../testing/fake-api";
import { at, device, flow, runningFlow } from "../testing/fixtures";
import { expectAccessible, show } from "../testing/render";

function fleet(count: number): FakeApi {
  const fake = new FakeApi();
  fake.devices = Array.from({ length: count }, (_, index) =>
    device(`edge-${String(index + 1).padStart(5, "0")}`, { connected: index % 10 !== 0 }),
  );
  return fake;
}

function deviceLinks(): (string | null)[] {
  return within(screen.getByRole("table"))
    .queryAllByRole("link")
    .map((link) => link.textContent);
}

/** The list with this name, once it has this option. */
async function optionOf(list: string, option: string): Promise<HTMLElement> {
  const found = await screen.findByRole("combobox", { name: list });
  await within(found).findByRole("option", { name: option });
  return found;
}

describe("the fleet", () => {
  it("lists devices with connection and agent", async () => {
    const { container } = show("/fleet", fleet(3));
    const row = (await screen.findByRole("link", { name: "edge-00001" })).closest("tr");
    expect(row).toHaveTextContent("Not connected");
    expect(row).toHaveTextContent("1.4.0");
    expect(screen.getByText("3 in all")).toBeVisible();
    await expectAccessible(container);
  });

  it("has the API find a rare device, and asks as often for it as for any other", async () => {
    const fake = fleet(2_000);
    const { user, router } = show("/fleet", fake);
    await screen.findByRole("link", { name: "edge-00001" });
    const before = fake.count("GET", "/v1/devices");
    await user.type(screen.getByRole("searchbox", { name: "Device id" }), "EDGE-02000");
    expect(await screen.findByRole("link", { name: "edge-02000" })).toBeVisible();
    expect(await screen.findByText("1 in all")).toBeVisible();
    expect(fake.count("GET", "/v1/devices") - before).toBe(1);
    expect(router.state.location.search).toMatchObject({ text: "EDGE-02000" });
  });

  it("goes on where pages of a rare kind are empty", async () => {
    const fake = fleet(3);
    const empty = (cursor: string) => Response.json({ devices: [], next_cursor: cursor });
    fake.refusals.set("GET /v1/devices", [empty("0"), empty("0")]);
    show("/fleet?health=healthy", fake);
    expect(await screen.findByText("3 in all")).toBeVisible();
  });

  it("shows those that a link asks for, by connection, health, flow and version", async () => {
    const fake = fleet(0);
    const old: Partial<Device> = {
      flows: [runningFlow({ version: 3, health: "unhealthy" })],
      connected: false,
      health: "unhealthy",
    };
    fake.devices = [device("edge-1"), device("edge-2", old), device("edge-3", { ...old, connected: true })];
    const address = "/fleet?connection=disconnected&health=unhealthy&flow=flow_01JDTEMPERATURE&version=3";
    show(address, fake);
    expect(await screen.findByRole("link", { name: "edge-2" })).toBeVisible();
    expect(deviceLinks()).toEqual(["edge-2"]);
    expect(screen.getByRole("combobox", { name: "Connection" })).toHaveDisplayValue("Not connected");
    expect(screen.getByRole("combobox", { name: "Health" })).toHaveDisplayValue("Unhealthy");
    expect(screen.getByRole("combobox", { name: "Version" })).toHaveValue("3");
  });

  it("offers the flows that devices run by name, then their versions, and forgets a version with its flow", async () => {
    const fake = fleet(2);
    fake.flows = [flow()];
    fake.devices = [device("edge-1"), device("edge-2", { flows: [runningFlow({ version: 3 })] })];
    const { user, router } = show("/fleet", fake);
    await user.selectOptions(await optionOf("Flow", "Greenhouse temperature"), "Greenhouse temperature");
    await user.selectOptions(await optionOf("Version", "v3"), "v3");
    await waitFor(() => {
      expect(deviceLinks()).toEqual(["edge-2"]);
    });
    expect(router.state.location.search).toMatchObject({ flow: "flow_01JDTEMPERATURE", version: 3 });
    await user.selectOptions(screen.getByRole("combobox", { name: "Flow" }), "Every flow");
    await waitFor(() => {
      expect(deviceLinks()).toEqual(["edge-1", "edge-2"]);
    });
    expect(screen.queryByRole("combobox", { name: "Version" })).not.toBeInTheDocument();
  });

  it("counts the whole fleet, and shows those that a count is of", async () => {
    const fake = fleet(30);
    const { user, container } = show("/fleet", fake);
    const strip = within(await screen.findByRole("region", { name: "The whole fleet" }));
    expect(await strip.findByText("30 devices")).toBeVisible();
    expect(strip.getByRole("link", { name: "30 Healthy" })).toBeVisible();
    await user.click(strip.getByRole("link", { name: "3 Not connected" }));
    await waitFor(() => {
      expect(deviceLinks()).toEqual(["edge-00001", "edge-00011", "edge-00021"]);
    });
    await expectAccessible(container);
    await user.click(screen.getByRole("button", { name: "Clear filters" }));
    expect(await screen.findByText("30 in all")).toBeVisible();
  });

  it("says which texts no id has, without asking for them", async () => {
    const fake = fleet(3);
    const { user } = show("/fleet", fake);
    await screen.findByRole("link", { name: "edge-00001" });
    const before = fake.count("GET", "/v1/devices");
    await user.type(screen.getByRole("searchbox", { name: "Device id" }), "edge 1");
    expect(await screen.findByText(/An id has letters, digits/)).toBeVisible();
    expect(fake.count("GET", "/v1/devices")).toBe(before);
    await user.click(screen.getByRole("button", { name: "Clear filters" }));
    expect(await screen.findByRole("link", { name: "edge-00001" })).toBeVisible();
    expect(screen.getByRole("searchbox", { name: "Device id" })).toHaveValue("");
  });

  it("says what to do when it is empty", async () => {
    show("/fleet", fleet(0));
    expect(await screen.findByText(/Register one with POST/)).toBeVisible();
  });
});

describe("a device", () => {
  it("shows its flows with slots, nodes that are not well, and activity", async () => {
    const fake = fleet(0);
    const ill = runningFlow({
      slot: "green",
      health: "unhealthy",
      nodes: [{ node_id: "publish", health: "unhealthy", error: "connection refused" }],
      dropped: 1_204,
    });
    fake.devices = [device("edge-1", { flows: [runningFlow({ live: false, version: 3 }), ill] })];
    const { container } = show("/fleet/edge-1", fake);
    const [standby, live] = await screen.findAllByRole("article");
    expect(standby).toHaveTextContent(/v3.*Healthy.*standby.*blue slot/);
    expect(live).toHaveTextContent(/v4.*Unhealthy.*live.*green slot/);
    expect(live).toHaveTextContent("connection refused");
    expect(live).toHaveTextContent("1,204 dropped");
    await expectAccessible(container);
  });

  it("says of a version that it has and does not run that it does not run", async () => {
    const fake = fleet(0);
    const dead = runningFlow({ health: "unhealthy", running: false });
    fake.devices = [device("edge-1", { flows: [runningFlow({ version: 3 }), dead] })];
    show("/fleet/edge-1", fake);
    const [runs, doesNotRun] = await screen.findAllByRole("article");
    expect(runs).not.toHaveTextContent("does not run");
    expect(doesNotRun).toHaveTextContent(/v4.*does not run/);
  });

  it("shows its vital signs, and leaves out what it does not tell", async () => {
    const fake = fleet(0);
    const vitals = device("x").vitals;
    fake.devices = [device("edge-1", { vitals: vitals && { ...vitals, temperature: null } })];
    show("/fleet/edge-1", fake);
    const panel = await screen.findByRole("region", { name: "Vital signs" });
    expect(panel).toHaveTextContent("Load by core42 %");
    expect(panel).toHaveTextContent("Memory used614 MiB of 1 GiB");
    expect(panel).toHaveTextContent("Up for14 d");
    expect(within(panel).queryByText("Temperature")).not.toBeInTheDocument();
  });

  it("draws the course of what it tells while the page is open, and says it in numbers", async () => {
    const fake = fleet(0);
    const vitals = device("x").vitals;
    if (vitals === null) throw new Error("no vital signs");
    const tells = (load: number, minutes: number) =>
      device("edge-1", { last_seen: at(minutes), vitals: { ...vitals, load, uptime: 60 * minutes } });
    fake.devices = [tells(0.42, 0)];
    const { client, container } = show("/fleet/edge-1", fake);
    const panel = await screen.findByRole("region", { name: "Vital signs" });
    expect(container.querySelector(".sparkline")).toBeNull();
    for (const [load, minutes] of [
      [0.9, 15],
      [0.9, 15],
      [0.3, 30],
    ] as const) {
      fake.devices = [tells(load, minutes)];
      await act(() => client.refetchQueries({ queryKey: ["device"] }));
    }
    await waitFor(() => {
      expect(panel).toHaveTextContent("Load by core30 %30 % to 90 % in 30 min, 3 readings");
    });
    expect(panel).toHaveTextContent("51.4 °C in 30 min, 3 readings");
    expect(container.querySelectorAll(".sparkline")).toHaveLength(5);
    expect(container.querySelector(".sparkline polyline")).toHaveAttribute("points", "2,14.8 60,2 118,18");
    await expectAccessible(container);
  });

  it("that has never connected says so", async () => {
    const fake = fleet(0);
    const nothing = { connected: null, vitals: null, flows: [], last_seen: null, agent_version: null };
    fake.devices = [device("edge:1_A", { ...nothing, certificate_arn: null })];
    show("/fleet/edge:1_A", fake);
    expect(await screen.findByText("Not heard of")).toBeVisible();
    expect(screen.getByText("This device runs no flow.")).toBeVisible();
    expect(screen.getByText("This device has not told of itself yet.")).toBeVisible();
  });
});
