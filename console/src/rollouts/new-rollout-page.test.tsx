import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { FakeApi, problem } from "../testing/fake-api";
import { device, flow } from "../testing/fixtures";
import { expectAccessible, show } from "../testing/render";

const FLOW = "flow_01JDTEMPERATURE";
const PATH = `/rollouts/new?flow=${FLOW}`;
const CREATE = "/v1/deployments";

/** A flow, and 20 devices of which the third and the twelfth are offline. */
function fleet(): FakeApi {
  const fake = new FakeApi();
  fake.flows = [flow()];
  fake.devices = ids(20).map((id, index) =>
    device(id, { connected: index === 2 ? false : index === 11 ? null : true }),
  );
  return fake;
}

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `edge-${String(index + 1).padStart(2, "0")}`);
}

type User = ReturnType<typeof show>["user"];

async function name(user: User, devices: string[]) {
  await user.click(await screen.findByLabelText("Devices"));
  await user.paste(devices.join("\n"));
}

const preview = () => screen.getByRole("region", { name: "Preview" });
const create = (user: User) => user.click(screen.getByRole("button", { name: "Create rollout" }));

describe("the form of a new rollout", () => {
  it("shows all settings of a strategy with their defaults", async () => {
    const { user, container } = show(PATH, fleet());
    expect(await screen.findByLabelText("Batch size")).toHaveValue("10");
    expect(screen.getByLabelText("Failure threshold (%)")).toHaveAccessibleDescription(/Default: 20 %/);
    expect(screen.getByLabelText("A wave may take")).toHaveValue("30m");
    expect(screen.getByLabelText("Health window")).toHaveAccessibleDescription(/30s as it comes/);
    expect(screen.getByLabelText("Offline devices")).toHaveDisplayValue("Wait for them");
    await expectAccessible(container);

    await user.click(screen.getByRole("radio", { name: "Canary" }));
    expect(screen.getByLabelText("Canaries (%)")).toHaveValue("10");
    expect(screen.getByLabelText("A wave may take")).toHaveValue("2h");
    expect(screen.queryByLabelText("Batch size")).not.toBeInTheDocument();
    await user.click(screen.getByRole("radio", { name: "Blue-green" }));
    expect(screen.getByLabelText("Wait before the switch")).toHaveValue("10m");
    await user.click(screen.getByRole("radio", { name: "All at once" }));
    expect(screen.queryByLabelText("Wait before the switch")).not.toBeInTheDocument();
  });

  it("previews the waves: who, how long, and how many are offline now", async () => {
    const fake = fleet();
    const { user, container } = show(PATH, fake);
    await name(user, ids(20));
    await within(preview()).findByText("2 of 20 are not connected now: edge-03 and edge-12.");
    expect(preview()).toHaveTextContent("20 devices in 2 waves.");
    expect(preview()).toHaveTextContent(
      "Takes 6 min at the soonest, and 1 h 5 min where every wave takes its whole time.",
    );
    const rows = within(preview()).getAllByRole("row");
    expect(rows[1]).toHaveTextContent("110edge-01, edge-02 … edge-10at once1");
    expect(rows[2]).toHaveTextContent("210edge-11, edge-12 … edge-20after 5 min 30 s1");
    await expectAccessible(container);
    // Nothing has been created, and no device was asked for by itself.
    expect(fake.asked.filter(({ method }) => method !== "GET")).toEqual([]);
    expect(fake.count("GET", "/v1/devices")).toBe(2);
  });

  it("warns of a breach that offline devices would bring about, and of canaries of which none is connected", async () => {
    const { user } = show(PATH, fleet());
    await name(user, ["edge-03", ...ids(2)]);
    await user.click(screen.getByRole("radio", { name: "Canary" }));
    expect(await within(preview()).findByText(/^Of wave 1, 1 device is offline and 0 may fail/)).toBeVisible();
    await user.selectOptions(screen.getByLabelText("Offline devices"), "Skip them");
    expect(within(preview()).getByText(/^No canary is connected/)).toBeVisible();
  });

  it("says of groups how waves are cut and what they take, as their members are known at the start only", async () => {
    const { user, container } = show(PATH, fleet());
    await user.type(await screen.findByLabelText("Groups"), "north, south");
    expect(within(preview()).getByText(/^Who is in “north” and “south”, and in groups below them/)).toBeVisible();
    const said = () => within(preview()).getAllByRole("listitem").map((item) => item.textContent); // prettier-ignore
    expect(said()).toEqual([
      "Every 10 targets are a wave; the last one has what is left.",
      "A wave takes 30 s at the soonest and 30 min at the longest, with 5 min from one to the next.",
    ]);
    expect(within(preview()).queryByRole("table")).not.toBeInTheDocument();
    await expectAccessible(container);
    await user.click(screen.getByRole("radio", { name: "Canary" }));
    expect(said()).toEqual([
      "The first 10 % of all targets, rounded up, are the canaries; the others follow.",
      "Takes 31 min at the soonest, and 4 h 30 min where every wave takes its whole time.",
    ]);
    await user.click(screen.getByRole("radio", { name: "Blue-green" }));
    expect(said()[0]).toBe("All targets are staged in one wave, and switched in a second one.");
    await user.click(screen.getByRole("radio", { name: "All at once" }));
    expect(said()).toEqual([
      "All targets are one wave.",
      "Takes 30 s at the soonest, and 30 min where every wave takes its whole time.",
    ]);
  });

  it("shows beside groups the waves that the devices named fill, and who of these is offline, but no total", async () => {
    const { user } = show(PATH, fleet());
    await name(user, ids(19));
    await user.type(screen.getByLabelText("Groups"), "north");
    await within(preview()).findByText("Of those named here 2 of 19 are not connected now: edge-03 and edge-12.");
    expect(preview()).toHaveTextContent("Every 10 targets are a wave; the last one has what is left.");
    expect(preview()).not.toHaveTextContent("in 2 waves");
    // Of the nine in the second wave nobody knows how many more will be with them, so of its threshold nothing is said.
    expect(within(preview()).getAllByRole("row").slice(1)).toHaveLength(1);
    expect(preview()).toHaveTextContent("The waves that the devices named here fill; more follow.");
    await user.click(screen.getByRole("radio", { name: "Canary" }));
    expect(within(preview()).queryByRole("table")).not.toBeInTheDocument();
  });

  it("creates it without starting it, once, and leads to its page", async () => {
    const fake = fleet();
    const { user, router } = show(PATH, fake);
    await name(user, ids(3));
    await user.clear(screen.getByLabelText("Batch size"));
    await user.type(screen.getByLabelText("Batch size"), "2");
    await user.selectOptions(screen.getByLabelText("Offline devices"), "Skip them");
    await user.type(screen.getByLabelText("Health window"), "90s");
    await create(user);
    await waitFor(() => {
      expect(router.state.location.pathname).toBe("/rollouts/dep_new");
    });
    const posts = fake.asked.filter(({ method }) => method === "POST");
    expect(posts.map(({ path }) => path)).toEqual([CREATE]);
    expect(posts[0]?.headers.get("Idempotency-Key")).toMatch(/^[0-9a-f-]{36}$/);
    expect(posts[0]?.body).toEqual({
      flow_id: FLOW,
      action: "deploy",
      strategy: "rolling",
      target_devices: ids(3),
      target_groups: [],
      config: { batch_size: 2, health_window: "90s", offline: "skip" },
    });
    expect(await screen.findByRole("button", { name: "Start" })).toBeVisible();
  });

  it("takes a flow off devices, without a version or a health window", async () => {
    const fake = fleet();
    const { user } = show(PATH, fake);
    await name(user, ids(1));
    await user.type(screen.getByLabelText("Version"), "3");
    await user.click(screen.getByRole("radio", { name: "Take the flow off" }));
    expect(screen.queryByLabelText("Version")).not.toBeInTheDocument();
    expect(screen.queryByLabelText("Health window")).not.toBeInTheDocument();
    await create(user);
    await waitFor(() => {
      expect(fake.asked.find(({ method }) => method === "POST")?.body).toMatchObject({ action: "remove", config: {} });
    });
    expect(fake.asked.find(({ method }) => method === "POST")?.body).not.toHaveProperty("flow_version");
  });

  it("finds flows by a part of their name, and says which one an id is", async () => {
    const fake = fleet();
    const { user, container } = show("/rollouts/new", fake);
    const field = await screen.findByLabelText("Flow");
    await user.type(field, "green");
    await waitFor(() => {
      expect(container.querySelector(`datalist option[value="${FLOW}"]`)).toHaveTextContent("Greenhouse temperature");
    });
    expect(fake.asked.some(({ path, query }) => path === "/v1/flows" && query.get("name") === "green")).toBe(true);
    await user.clear(field);
    await user.type(field, FLOW);
    expect(await screen.findByText("Greenhouse temperature: published, newest version 4.")).toBeVisible();
  });
});

describe("faults", () => {
  it("of what is missing or cannot be read are at their fields, and nothing is sent", async () => {
    const fake = fleet();
    const { user, container } = show("/rollouts/new", fake);
    await screen.findByLabelText("Flow");
    await create(user);
    expect(await screen.findByLabelText("Flow")).toHaveAccessibleDescription(/Choose a flow/);
    expect(screen.getByLabelText("Flow")).toHaveFocus();
    expect(screen.getByLabelText("Devices")).toHaveAccessibleDescription(/at least one device or one group/);
    await user.clear(screen.getByLabelText("A wave may take"));
    await user.type(screen.getByLabelText("A wave may take"), "half an hour");
    expect(screen.getByLabelText("A wave may take")).toHaveAccessibleDescription(/Write a duration/);
    await expectAccessible(container);
    expect(fake.count("POST", CREATE)).toBe(0);
  });

  it("that contradict each other are found at once: a timeout within the health window, too many waves", async () => {
    const { user } = show(PATH, fleet());
    await user.type(await screen.findByLabelText("Health window"), "30m");
    expect(screen.getByLabelText("A wave may take")).toHaveAccessibleDescription(/longer than the health window/);
    await user.clear(screen.getByLabelText("Batch size"));
    await user.type(screen.getByLabelText("Batch size"), "1");
    await name(
      user,
      Array.from({ length: 1_001 }, (_, index) => `edge-${index}`),
    );
    expect(screen.getByLabelText("Batch size")).toHaveAccessibleDescription(/makes 1,001 waves/);
  });

  it("that the API finds are shown at their fields until those are changed; it can be sent again", async () => {
    const fake = fleet();
    const { user, container, router } = show(PATH, fake);
    await name(user, ids(2));
    fake.refusals.set(`POST ${CREATE}`, [
      problem(422, "invalid-request", "3 faults were found; see errors", [
        { pointer: "/target_devices/1", detail: "device edge-02 is not registered; POST /v1/devices does that" },
        { pointer: "/flow_version", detail: "flow flow_01 has no version 9; its newest is 4" },
        { pointer: "/config/timeout", detail: "timeout 30m leaves a device no time" },
      ]),
    ]);
    await create(user);
    await waitFor(() => {
      expect(screen.getByLabelText("Devices")).toHaveAccessibleDescription(/Device edge-02 is not registered/);
    });
    expect(screen.getByLabelText("Version")).toHaveAccessibleDescription(/has no version 9/);
    expect(screen.getByLabelText("A wave may take")).toHaveAccessibleDescription(/leaves a device no time/);
    expect(screen.getByLabelText("Version")).toHaveFocus();
    expect(screen.getByRole("alert")).toHaveTextContent("they are shown at their fields");
    await expectAccessible(container);

    await user.type(screen.getByLabelText("Version"), "4");
    expect(screen.getByLabelText("Version")).not.toHaveAccessibleDescription(/has no version/);
    expect(screen.getByLabelText("A wave may take")).toHaveAccessibleDescription(/leaves a device no time/);
    await create(user);
    await waitFor(() => {
      expect(router.state.location.pathname).toBe("/rollouts/dep_new");
    });
    const keys = fake.asked
      .filter(({ method }) => method === "POST")
      .map(({ headers }) => headers.get("Idempotency-Key"));
    expect(new Set(keys).size).toBe(2); // another body is another request
  });

  it("without a field are told whole, and what is sent again unchanged has the same key", async () => {
    const fake = fleet();
    const { user } = show(PATH, fake);
    await name(user, ids(2));
    fake.refusals.set(`POST ${CREATE}`, [
      problem(409, "conflict", "flow flow_01 is archived; restore it to deploy it"),
    ]);
    await create(user);
    expect(await screen.findByRole("alert")).toHaveTextContent("Flow flow_01 is archived; restore it to deploy it.");
    await create(user);
    await waitFor(() => {
      expect(fake.count("POST", CREATE)).toBe(2);
    });
    const keys = fake.asked
      .filter(({ method }) => method === "POST")
      .map(({ headers }) => headers.get("Idempotency-Key"));
    expect(new Set(keys).size).toBe(1);
  });
});

describe("whoever is no operator", () => {
  it("can preview, and sees why nothing can be created", async () => {
    const { user } = show(PATH, fleet(), ["viewer"]);
    await name(user, ids(2));
    expect(await within(preview()).findByText("2 devices in 1 wave.")).toBeVisible();
    const button = screen.getByRole("button", { name: "Create rollout" });
    expect(button).toHaveAccessibleDescription(/Needs the group “operator”/);
  });
});

describe("the form is reached", () => {
  it("from the list of rollouts, and from a flow, which is filled in", async () => {
    const { user, router } = show(`/flows/${FLOW}`, fleet());
    await user.click(await screen.findByRole("link", { name: "Roll out" }));
    expect(await screen.findByLabelText("Flow")).toHaveValue(FLOW);
    await router.navigate({ to: "/rollouts" });
    await user.click(await screen.findByRole("link", { name: "New rollout" }));
    expect(await screen.findByLabelText("Flow")).toHaveValue("");
  });
});
