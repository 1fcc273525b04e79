import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { FlowEvent } from "../api/types";
import { FakeApi, problem } from "../testing/fake-api";
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
    await user.click(screen.getByRole("button", { name: "Archived" }));
    expect(await screen.findByRole("link", { name: "Old pump" })).toBeVisible();
    expect(screen.getByRole("link", { name: "Pump control" })).toBeVisible();
  });

  it("has every filter of the API in its address, and asks for them", async () => {
    const fake = flows();
    const { user, router, container } = show(
      "/flows?status=draft,archived&tag=greenhouse&from=2026-11-01&to=2026-11-30",
      fake,
    );
    expect(await screen.findByRole("link", { name: "Old pump" })).toBeVisible();
    expect(screen.getByRole("button", { name: "Published" })).toHaveAttribute("aria-pressed", "false");
    expect(screen.getByLabelText("Created from")).toHaveValue("2026-11-01");
    await user.selectOptions(screen.getByRole("combobox", { name: "Order" }), "Oldest first");
    await waitFor(() => {
      expect(fake.asked.at(-1)?.query.get("sort")).toBe("oldest");
    });
    expect(Object.fromEntries(fake.asked.at(-1)?.query ?? [])).toEqual({
      limit: "100",
      status: "draft,archived",
      tag: "greenhouse",
      created_from: new Date(2026, 10, 1).toISOString(),
      created_to: new Date(2026, 11, 1).toISOString(),
      sort: "oldest",
    });
    await expectAccessible(container);
    await user.click(screen.getByRole("button", { name: "Clear filters" }));
    expect(await screen.findByRole("link", { name: "Greenhouse temperature" })).toBeVisible();
    expect(router.state.location.searchStr).toBe("");
  });

  it("takes up days and tags that are typed, and asks for nothing that cannot be", async () => {
    const fake = flows();
    const { user, router } = show("/flows?to=2026-11-01", fake);
    await user.type(await screen.findByRole("searchbox", { name: "Tag" }), "nothing");
    await waitFor(() => {
      expect(fake.asked.at(-1)?.query.get("tag")).toBe("nothing");
    });
    expect(await screen.findByText("No flow matches.")).toBeVisible();
    const asked = fake.asked.length;
    await user.type(screen.getByLabelText("Created from"), "2026-11-02");
    expect(await screen.findByText(/^No flow can match: the last day is before the first/)).toBeVisible();
    expect(router.state.location.search).toMatchObject({ from: "2026-11-02", tag: "nothing" });
    expect(fake.asked).toHaveLength(asked);
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
    const { container, user } = show(`/flows/${ID}`, fake);
    await user.click(await screen.findByRole("tab", { name: "Compare" }));
    const canvas = within(
      await screen.findByRole("group", { name: "Both versions in one graph" }, { timeout: 10_000 }),
    );
    expect(canvas.getByText("pin: 4 → 17")).toBeInTheDocument();
    expect(screen.getByRole("list", { name: /^What the marks mean/ })).toHaveTextContent(
      "+ added 0− removed 0~ changed 1⇄ rewired 0Wires: 0 added, 0 removed (dashed)",
    );
    await expectAccessible(container);
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

describe("creating a flow", () => {
  async function form(groups?: string[]) {
    const fake = flows();
    const shown = show("/flows", fake, groups);
    return { fake, ...shown, open: await screen.findByRole("button", { name: "New flow" }) };
  }

  it("asks for a name, and opens the editor with an empty draft", async () => {
    const { fake, user, router, open } = await form();
    await user.click(open);
    const dialog = within(screen.getByRole("dialog", { name: "New flow" }));
    await expectAccessible(screen.getByRole("dialog"));
    await user.click(dialog.getByRole("button", { name: "Create flow" }));
    expect(dialog.getByRole("textbox", { name: "Name" })).toHaveAccessibleDescription("A flow needs a name.");
    await user.type(dialog.getByRole("textbox", { name: "Name" }), "Tank");
    await user.type(dialog.getByRole("textbox", { name: "Tags" }), "water, hall 2");
    await user.click(dialog.getByRole("button", { name: "Create flow" }));
    await waitFor(() => {
      expect(router.state.location.pathname).toBe("/flows/flow_new/edit");
    });
    const post = fake.asked.find(({ method }) => method === "POST");
    expect(post?.body).toEqual({ name: "Tank", description: "", tags: ["water", "hall 2"] });
    expect(post?.headers.get("Idempotency-Key")).not.toBeNull();
  });

  it("shows the API's faults at their fields", async () => {
    const { fake, user, open } = await form();
    fake.refusals.set("POST /v1/flows", [
      problem(400, "invalid", "the body has faults", [{ pointer: "/tags/0", detail: "must have a letter" }]),
    ]);
    await user.click(open);
    await user.type(screen.getByRole("textbox", { name: "Name" }), "Tank");
    await user.click(screen.getByRole("button", { name: "Create flow" }));
    await waitFor(() => {
      expect(screen.getByRole("textbox", { name: "Tags" })).toHaveAccessibleDescription(/Must have a letter/);
    });
    expect(screen.getByRole("dialog")).toBeVisible();
  });

  it("is for authors", async () => {
    const { open } = await form(["operator"]);
    expect(open).toHaveAccessibleDescription(/Needs the group “author”/);
  });
});

describe("a draft's name, description and tags", () => {
  async function form() {
    const fake = flows();
    fake.flows = [flow({ status: "draft" })];
    const shown = show(`/flows/${ID}`, fake);
    await shown.user.click(await screen.findByRole("button", { name: "Name and tags" }));
    const name = screen.getByRole("textbox", { name: "Name" });
    const rename = async (to: string) => {
      await shown.user.clear(name);
      await shown.user.type(name, to);
      await shown.user.click(screen.getByRole("button", { name: "Save" }));
    };
    return { fake, ...shown, name, rename };
  }

  it("are changed by themselves, also where the definition was changed meanwhile", async () => {
    const { fake, rename } = await form();
    await expectAccessible(screen.getByRole("dialog"));
    fake.flows = [flow({ status: "draft", definition: { ...DEFINITION, variables: [] } })];
    await rename("Hall 2");
    expect(await screen.findByRole("heading", { level: 1, name: "Hall 2" })).toBeVisible();
    const patch = fake.asked.find(({ method }) => method === "PATCH");
    expect(patch?.body).toEqual({ name: "Hall 2" });
    expect(patch?.headers.get("If-Match")).toMatch(/^"/);
    expect(fake.flows[0]?.definition.variables).toEqual([]);
  });

  it("are shown as somebody else stored them meanwhile, before they are written over", async () => {
    const { fake, user, name, rename } = await form();
    fake.flows = [flow({ status: "draft", name: "Hall 9", tags: ["new"] })];
    await rename("Hall 2");
    expect(await screen.findByText(/Somebody else changed this flow/)).toBeVisible();
    expect(name).toHaveAccessibleDescription("Stored meanwhile: Hall 9");
    expect(fake.flows[0]?.name).toBe("Hall 9");
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => {
      expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
    });
    expect(fake.flows[0]).toMatchObject({ name: "Hall 2", tags: ["greenhouse", "sensors"] });
  });

  it("stay as they are once it is published", async () => {
    show(`/flows/${ID}`, flows());
    const button = await screen.findByRole("button", { name: "Name and tags" });
    expect(button).toHaveAccessibleDescription("Open the next draft first.");
  });
});
