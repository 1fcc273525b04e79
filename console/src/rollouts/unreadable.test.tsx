import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Deployment, DeploymentEvent, Device, Flow, FlowEvent, RunningFlow, Target, Version } from "../api/types";
import { FakeApi } from "../testing/fake-api";
import { deployment, device, flow, version } from "../testing/fixtures";
import { expectAccessible, show } from "../testing/render";
import { ID, underWay } from "../testing/under-way";

/** A stored record that is damaged, as docs/api.md has it. */
function damaged<Record>(fields: Partial<Record>): Record {
  return { ...fields, unreadable: true } as Record;
}

describe("a record that cannot be read is shown as such, and harms no other", () => {
  it.each([
    ["/rollouts", "dep_bad", "dep_01JDROLLING0001"],
    ["/fleet", "edge-bad", "edge-00001"],
    ["/flows", "flow_bad", "Greenhouse temperature"],
  ])("in the list at %s", async (path, bad, good) => {
    const fake = new FakeApi();
    fake.deployments = [damaged<Deployment>({ id: "dep_bad" }), deployment()];
    fake.devices = [damaged<Device>({ device_id: "edge-bad" }), device("edge-00001")];
    fake.flows = [damaged<Flow>({ id: "flow_bad", name: "" }), flow()];
    const { container } = show(path, fake);
    expect((await screen.findByText(bad)).closest("tr")).toHaveTextContent(`${bad}cannot be read`);
    expect(screen.getByRole("link", { name: good })).toBeVisible();
    await expectAccessible(container);
  });

  it("among the targets and in the history of a rollout", async () => {
    const fake = underWay();
    fake.targets.set(ID, [damaged<Target>({ device_id: "edge-bad" }), ...(fake.targets.get(ID) ?? [])]);
    fake.events.set(ID, [...(fake.events.get(ID) ?? []), damaged<DeploymentEvent>({ sequence: 6 })]);
    show(`/rollouts/${ID}`, fake);
    expect((await screen.findByText("edge-bad")).closest("tr")).toHaveTextContent("edge-badcannot be read");
    const list = within(screen.getByRole("region", { name: "History" }));
    expect(await list.findByText("An entry that cannot be read")).toBeVisible();
    expect(list.getByText("Wave 2 started: 5 devices")).toBeVisible();
  });

  it("among a flow's versions and in its history", async () => {
    const fake = new FakeApi();
    fake.flows = [flow()];
    fake.versions = [damaged<Version>({ flow_id: flow().id, version: 4 }), version(3)];
    fake.events.set(flow().id, [damaged<FlowEvent>({ sequence: 1 })]);
    const { user } = show(`/flows/${flow().id}`, fake);
    await user.click(await screen.findByRole("tab", { name: "Versions" }));
    expect(await screen.findByText("cannot be read")).toBeVisible();
    expect(screen.getByText("v3")).toBeVisible();
    await user.click(screen.getByRole("tab", { name: "History" }));
    expect(await screen.findByText("An entry that cannot be read")).toBeVisible();
  });

  it("among the flows of a device", async () => {
    const fake = new FakeApi();
    fake.devices = [
      { ...device("edge-1"), flows: [damaged<RunningFlow>({ flow_id: "flow_bad" }), ...device("edge-1").flows] },
    ];
    show("/fleet/edge-1", fake);
    expect(await screen.findByRole("article", { name: "flow_bad" })).toHaveTextContent("cannot be read");
    expect(screen.getAllByRole("article")).toHaveLength(2);
  });
});
