import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Deployment, Target } from "../api/types";
import { FakeApi, problem } from "../testing/fake-api";
import { at, deployment, device, target } from "../testing/fixtures";
import { expectAccessible, show } from "../testing/render";

const ID = "edge-00001";

/** A device that a later rollout failed on, and an earlier one, which removed the flow, succeeded on. */
function world(): FakeApi {
  const fake = new FakeApi();
  fake.devices = [device(ID)];
  fake.deployments = [
    deployment({ id: "dep_later", strategy: "canary", status: "rolled_back", created_at: at(60) }),
    deployment({ id: "dep_of_another" }),
    deployment({ id: "dep_earlier", action: "remove", flow_version: null }),
  ];
  fake.targets.set("dep_later", [
    target(1, "failed", { reason: "timed_out", message: "asleep" }),
    target(2, "success"),
  ]);
  fake.targets.set("dep_of_another", [target(2, "success")]);
  fake.targets.set("dep_earlier", [target(1, "success")]);
  return fake;
}

async function rowOf(id: string): Promise<HTMLElement> {
  const panel = await screen.findByRole("region", { name: "Rollouts" });
  const row = (await within(panel).findByTitle(id)).closest("tr");
  if (row === null) throw new Error(`no row of ${id}`);
  return row;
}

describe("the rollouts of a device", () => {
  it("say how each ended for it, and lead to rollout and flow", async () => {
    const fake = world();
    const { container } = show(`/fleet/${ID}`, fake);
    const later = within(await rowOf("dep_later"));
    expect(later.getByText("Failed")).toBeVisible();
    expect(later.getByText("did not answer in time")).toBeVisible();
    expect(later.getByText("asleep")).toBeVisible();
    expect(later.getByText("Canary")).toBeVisible();
    expect(later.getByText("v4")).toBeVisible();
    expect(later.getByTitle("dep_later").closest("a")).toHaveAttribute("href", "/rollouts/dep_later");
    expect(later.getByTitle("flow_01JDTEMPERATURE").closest("a")).toHaveAttribute(
      "href",
      "/flows/flow_01JDTEMPERATURE",
    );
    expect(await rowOf("dep_earlier")).toHaveTextContent(/Succe.*removal/);
    expect(screen.queryByTitle("dep_of_another")).not.toBeInTheDocument();
    expect(fake.asked.at(-1)?.query.get("device_id")).toBe(ID);
    await expectAccessible(container);
  });

  it("that cannot be read, or of which its part cannot, harm no other", async () => {
    const fake = world();
    fake.deployments.push({ id: "dep_bad", unreadable: true } as unknown as Deployment);
    fake.targets.set("dep_bad", [target(1, "success")]);
    fake.targets.set("dep_earlier", [{ device_id: ID, unreadable: true } as unknown as Target]);
    const { container } = show(`/fleet/${ID}`, fake);
    expect(await within(await screen.findByRole("region", { name: "Rollouts" })).findByText("dep_bad")).toBeVisible();
    expect(await rowOf("dep_earlier")).toHaveTextContent("cannot be read");
    expect(await rowOf("dep_later")).toHaveTextContent("Failed");
    await expectAccessible(container);
  });

  it("are told to be none where there are none", async () => {
    const fake = world();
    fake.targets.clear();
    show(`/fleet/${ID}`, fake);
    expect(await screen.findByText("No rollout has been planned for this device yet.")).toBeVisible();
  });

  it("leave the rest of the page alone where they cannot be had, and are asked for again when wanted", async () => {
    const fake = world();
    fake.refusals.set("GET /v1/deployments", [problem(500, "internal", "an internal error; the logs have more")]);
    const { user } = show(`/fleet/${ID}`, fake);
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("An internal error; the logs have more.");
    expect(screen.getByRole("region", { name: "Vital signs" })).toBeVisible();
    expect(screen.queryByText("No rollout has been planned for this device yet.")).not.toBeInTheDocument();
    await user.click(within(alert).getByRole("button", { name: "Try again" }));
    expect(await rowOf("dep_later")).toHaveTextContent("Failed");
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });
});
