import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { FakeApi } from "../testing/fake-api";
import { device, runningFlow } from "../testing/fixtures";
import { expectAccessible, show } from "../testing/render";

function fleet(count: number): FakeApi {
  const fake = new FakeApi();
  fake.devices = Array.from({ length: count }, (_, index) =>
    device(`edge-${String(index + 1).padStart(5, "0")}`, { connected: index % 10 !== 0 }),
  );
  return fake;
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

  it("looks through further pages until what matches fills the view, and says how far it looked", async () => {
    const fake = fleet(350);
    const { user } = show("/fleet", fake);
    await screen.findByRole("link", { name: "edge-00001" });
    await user.type(screen.getByRole("searchbox", { name: "Device id" }), "EDGE-0034");
    expect(await screen.findByRole("link", { name: "edge-00340" })).toBeVisible();
    expect(await screen.findByText("10 of the 350 in all match")).toBeVisible();
    expect(fake.count("GET", "/v1/devices")).toBe(4);
  });

  it("shows those that are not connected", async () => {
    const { user } = show("/fleet", fleet(30));
    await user.click(await screen.findByRole("radio", { name: "Not connected" }));
    await waitFor(() => {
      expect(screen.getAllByRole("link", { name: /^edge-/ }).map((link) => link.textContent)).toEqual([
        "edge-00001",
        "edge-00011",
        "edge-00021",
      ]);
    });
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
