import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeAll, describe, expect, it } from "vitest";
import type { Definition, Flow } from "../../api/types";
import { FakeApi, problem } from "../../testing/fake-api";
import { DEFINITION, flow } from "../../testing/fixtures";
import { expectAccessible, show } from "../../testing/render";

const ID = "flow_01JDTEMPERATURE";
const PATH = `/v1/flows/${ID}`;
const EMPTY: Definition = { nodes: [], connections: [], variables: [], health_checks: [] };

// The chunk is loaded when the editor is opened, which takes its time where many tests begin at once.
beforeAll(async () => {
  await import("./editor");
}, 60_000);

async function edit(fields: Partial<Flow> = {}, groups?: string[]) {
  const fake = new FakeApi();
  fake.flows = [flow({ status: "draft", ...fields })];
  const shown = show(`/flows/${ID}/edit`, fake, groups);
  await screen.findByRole("group", { name: "The flow being edited" }, { timeout: 10_000 });
  const press = (name: string) => shown.user.click(screen.getByRole("button", { name }));
  const type = (title: string) =>
    shown.user.click(within(screen.getByRole("region", { name: "Node types" })).getByRole("button", { name: title }));
  return { fake, ...shown, press, type };
}

function sent(fake: FakeApi): Definition | undefined {
  const put = fake.asked.findLast(({ method }) => method === "PUT");
  return (put?.body as { definition: Definition } | undefined)?.definition;
}

/** Choose a node as a click on the canvas does. */
function choose(name: string): void {
  fireEvent.click(screen.getByText(name, { selector: ".canvas-node-name" }));
}

describe("the editor", () => {
  it("draws, wires and sets up nodes by keyboard, and saves what was drawn", async () => {
    const { fake, container, user, press, type } = await edit({ definition: EMPTY, latest_version: null });
    await type("Inject inject");
    await type("Debug debug");
    await user.clear(screen.getByRole("textbox", { name: "keep" }));
    await user.type(screen.getByRole("textbox", { name: "keep" }), "5");
    choose("inject_1");
    await user.selectOptions(await screen.findByRole("combobox", { name: "To node" }), "debug_1");
    await press("Connect");
    await expectAccessible(container);
    await press("Save draft");
    expect(await screen.findByText("Saved")).toBeVisible();
    expect(sent(fake)).toEqual({
      ...EMPTY,
      nodes: [
        { id: "inject_1", type: "inject", name: "", config: {}, x: 0, y: 0 },
        { id: "debug_1", type: "debug", name: "", config: { keep: 5 }, x: 220, y: 0 },
      ],
      connections: [{ source: "inject_1", target: "debug_1", port: 0 }],
    });
    const put = fake.asked.findLast(({ method }) => method === "PUT");
    expect(put?.headers.get("If-Match")).toMatch(/^"/);
  });

  it("undoes and does again, by buttons and by keys, and a word is one step", async () => {
    const { user, press, type } = await edit({ definition: EMPTY });
    await type("Debug debug");
    await user.type(screen.getByRole("textbox", { name: "Name" }), "Log");
    expect(screen.getByText("Log", { selector: ".canvas-node-name" })).toBeInTheDocument();
    await press("Undo");
    expect(screen.getByText("debug_1", { selector: ".canvas-node-name" })).toBeInTheDocument();
    await user.keyboard("{Control>}z{/Control}");
    expect(screen.queryByText("debug_1")).not.toBeInTheDocument();
    expect(screen.getByText("Saved")).toBeVisible();
    await press("Redo");
    await press("Redo");
    expect(screen.getByText("Log", { selector: ".canvas-node-name" })).toBeInTheDocument();
  });

  it("copies, pastes and deletes what is chosen", async () => {
    const { fake, press } = await edit();
    choose("Greenhouse sensor");
    await press("Copy");
    await press("Paste");
    choose("Too hot?");
    await press("Delete");
    await press("Save draft");
    await screen.findByText("Saved");
    expect(sent(fake)?.nodes.map(({ id }) => id)).toEqual(["sensor", "publish", "log", "dht_1"]);
    expect(sent(fake)?.connections).toEqual([]);
  });

  it("cuts what is chosen, all of it after Ctrl+A, and pastes it with its wires", async () => {
    const { fake, user, press } = await edit();
    await user.keyboard("{Control>}a{/Control}");
    expect(screen.getByText(/4 nodes and 3 wires/)).toBeVisible();
    await user.keyboard("{Control>}x{/Control}");
    expect(screen.queryByText("Too hot?")).not.toBeInTheDocument();
    await user.keyboard("{Control>}v{/Control}");
    await press("Save draft");
    await screen.findByText("Saved");
    expect(sent(fake)?.nodes.map(({ name }) => name)).toEqual(DEFINITION.nodes.map(({ name }) => name));
    expect(sent(fake)?.connections).toHaveLength(3);
    await press("Undo");
    await press("Undo");
    expect(screen.getByText("Too hot?", { selector: ".canvas-node-name" })).toBeInTheDocument();
  });

  it("leaves cutting and choosing all to a field, and cutting to text that is selected", async () => {
    const { user, container } = await edit();
    const drawn = () => container.querySelectorAll(".canvas-node-name").length;
    choose("Too hot?");
    const [field] = screen.getAllByRole("textbox", { name: "Name" });
    if (field === undefined) throw new Error("no field");
    await user.click(field);
    await user.keyboard("{Control>}a{/Control}{Control>}x{/Control}");
    expect(drawn()).toBe(4);
    const heading = screen.getByRole("heading", { level: 1 });
    await user.click(heading);
    document.getSelection()?.selectAllChildren(heading);
    await user.keyboard("{Control>}x{/Control}");
    expect(drawn()).toBe(4);
    document.getSelection()?.removeAllRanges();
    await user.keyboard("{Control>}x{/Control}");
    expect(drawn()).toBe(3);
  });

  it("sets rules of a switch, one after the other, and gives it their outputs", async () => {
    const { fake, user, press, type } = await edit({ definition: EMPTY });
    await type("Switch switch");
    await press("Add to rules");
    await user.type(screen.getByRole("textbox", { name: "value" }), "30");
    await press("Add to rules");
    const second = within(screen.getByRole("group", { name: "Entry 2" }));
    await user.type(second.getByRole("textbox", { name: "value" }), "hot");
    await user.type(second.getByRole("textbox", { name: "port" }), "2");
    await press("Move entry 2 up");
    expect(screen.getAllByRole("option", { name: /^Output/ }).map(({ textContent }) => textContent)).toEqual([
      "Output 1",
      "Output 3",
    ]);
    await press("Save draft");
    await screen.findByText("Saved");
    expect(sent(fake)?.nodes[0]?.config).toEqual({
      rules: [
        { operator: ">", value: "hot", port: 2 },
        { operator: ">", value: 30 },
      ],
    });
  });

  it("edits variables", async () => {
    const { fake, user, press } = await edit();
    await press("Add variable");
    const [, name] = screen.getAllByRole("textbox", { name: "Variable name" });
    if (name === undefined) throw new Error("no second variable");
    await user.clear(name);
    await user.type(name, "room");
    await press("Save draft");
    await screen.findByText("Saved");
    expect(sent(fake)?.variables.at(-1)).toEqual({ name: "room", type: "string", value: "" });
    expect(sent(fake)?.health_checks).toEqual(DEFINITION.health_checks);
  });

  it("shows the faults of a refused publish in a list, at the node and at the setting", async () => {
    const { fake, container, user, press } = await edit();
    const refusal = problem(422, "invalid-flow", "the flow has faults", [
      { pointer: "/definition/nodes/0/config/interval", detail: "must be a duration" },
      { pointer: "/definition/variables", detail: "a name is used twice" },
      { pointer: "/definition/health_checks/0/within", detail: "must be at most an hour" },
    ]);
    fake.refusals.set(`POST ${PATH}/publish`, [refusal]);
    await press("Publish");
    await user.click(within(screen.getByRole("alertdialog")).getByRole("button", { name: "Publish" }));
    const list = await screen.findByRole("alert", { name: "Faults" });
    expect(within(list).getByText("A name is used twice.")).toBeVisible();
    expect(within(list).getByText("readings: within: Must be at most an hour.")).toBeVisible();
    expect(screen.getByLabelText("within")).toBeInvalid();
    expect(screen.getByText("1 fault", { selector: ".canvas-node-faults" })).toBeInTheDocument();
    await user.click(within(list).getByRole("button", { name: "Greenhouse sensor: interval: Must be a duration." }));
    expect(screen.getByLabelText("interval")).toBeInvalid();
    await expectAccessible(container);
  });

  it("publishes what was saved first, and goes to the flow", async () => {
    const { fake, user, press, router, type } = await edit();
    await type("Debug debug");
    await press("Publish");
    const dialog = within(screen.getByRole("alertdialog"));
    expect(dialog.getByText("The draft is checked and frozen as version 5.")).toBeVisible();
    await user.click(dialog.getByRole("button", { name: "Publish" }));
    await waitFor(() => {
      expect(router.state.location.pathname).toBe(`/flows/${ID}`);
    });
    expect(fake.flows[0]).toMatchObject({ status: "published", latest_version: 5 });
    expect(fake.flows[0]?.definition.nodes.length).toBe(5);
    expect(fake.count("POST", `${PATH}/publish`)).toBe(1);
  });

  describe("when somebody else saved meanwhile", () => {
    async function conflict() {
      const made = await edit();
      const [theirs] = made.fake.flows;
      if (theirs === undefined) throw new Error("no flow");
      const variables = [{ name: "limit", type: "number" as const, value: "35" }];
      made.fake.flows = [{ ...theirs, name: "Renamed", definition: { ...DEFINITION, variables } }];
      choose("Too hot?");
      await made.press("Delete");
      await made.press("Save draft");
      const dialog = within(await screen.findByRole("alertdialog"));
      expect(dialog.getByText("limit").closest("li")).toHaveTextContent('value"35" → "30"');
      expect(made.fake.flows[0]?.name).toBe("Renamed");
      return { ...made, dialog };
    }

    it("shows both, and saves over it where that is chosen, without taking back its new name", async () => {
      const { fake, user, dialog } = await conflict();
      await user.click(dialog.getByRole("button", { name: "Save mine over it" }));
      expect(await screen.findByText("Saved")).toBeVisible();
      expect(fake.flows[0]).toMatchObject({ name: "Renamed", definition: { variables: DEFINITION.variables } });
      expect(fake.flows[0]?.definition.nodes.length).toBe(3);
    });

    it("takes theirs, and what was here is one step back", async () => {
      const { fake, user, press, dialog } = await conflict();
      await user.click(dialog.getByRole("button", { name: "Take what is stored" }));
      expect(screen.getByText("Saved")).toBeVisible();
      expect(screen.getByRole("textbox", { name: "Value of the variable" })).toHaveValue("35");
      await press("Undo");
      await press("Save draft");
      await screen.findByText("Saved");
      expect(fake.flows[0]?.definition.nodes.length).toBe(3);
    });

    it("changes nothing where somebody goes on editing", async () => {
      const { fake, user, dialog } = await conflict();
      await user.click(dialog.getByRole("button", { name: "Go on editing" }));
      expect(screen.getByText("Not saved yet")).toBeVisible();
      expect(fake.flows[0]?.definition.nodes.length).toBe(4);
    });
  });

  it("is no conflict where somebody else only named the flow anew: both are kept", async () => {
    const { fake, user, press, router, type } = await edit();
    fake.flows = fake.flows.map((one) => ({ ...one, name: "Renamed" }));
    await type("Debug debug");
    await press("Save draft");
    expect(await screen.findByText("Saved")).toBeVisible();
    expect(screen.queryByRole("alertdialog")).not.toBeInTheDocument();
    expect(fake.flows[0]?.name).toBe("Renamed");
    expect(fake.flows[0]?.definition.nodes.length).toBe(5);
    fake.flows = fake.flows.map((one) => ({ ...one, tags: ["renamed"] }));
    await press("Publish");
    await user.click(within(screen.getByRole("alertdialog")).getByRole("button", { name: "Publish" }));
    await waitFor(() => {
      expect(router.state.location.pathname).toBe(`/flows/${ID}`);
    });
    expect(fake.flows[0]).toMatchObject({ status: "published", tags: ["renamed"] });
  });

  it("names the flow anew beside what is being drawn, which is saved afterwards", async () => {
    const { fake, user, press, type } = await edit();
    await type("Debug debug");
    await press("Name and tags");
    const dialog = within(screen.getByRole("dialog"));
    await user.clear(dialog.getByRole("textbox", { name: "Name" }));
    await user.type(dialog.getByRole("textbox", { name: "Name" }), "Hall 2");
    await user.click(dialog.getByRole("button", { name: "Save" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Edit Hall 2" })).toBeVisible();
    expect(screen.getByText("Not saved yet")).toBeVisible();
    await press("Save draft");
    expect(await screen.findByText("Saved")).toBeVisible();
    expect(fake.asked.filter(({ method }) => method !== "GET").map(({ method }) => method)).toEqual(["PATCH", "PUT"]);
    expect(fake.flows[0]).toMatchObject({ name: "Hall 2" });
    expect(fake.flows[0]?.definition.nodes.length).toBe(5);
  });

  it("takes an answer that was lost for what it is: saved", async () => {
    const { fake, press, type } = await edit();
    await type("Debug debug");
    await press("Save draft");
    await screen.findByText("Saved");
    await type("Debug debug");
    const [now] = fake.flows;
    if (now === undefined) throw new Error("no flow");
    const added = { id: "debug_2", type: "debug", name: "", config: {} };
    fake.refusals.set(`PUT ${PATH}`, [problem(412, "precondition-failed", "changed")]);
    fake.flows = [
      { ...now, definition: { ...now.definition, nodes: [...now.definition.nodes, { ...added, x: 920, y: 20 }] } },
    ];
    const drawn = screen.getByText("debug_2", { selector: ".canvas-node-name" }).closest(".react-flow__node");
    expect(drawn).toHaveStyle({ transform: "translate(920px,20px)" });
    await press("Save draft");
    expect(await screen.findByText("Saved")).toBeVisible();
    expect(screen.queryByRole("alertdialog")).not.toBeInTheDocument();
  });

  it("imports a file in place of what is there, and an export of Node-RED as one node", async () => {
    const { user, press } = await edit();
    const input = screen.getByLabelText<HTMLInputElement>("Import file", { selector: "input" });
    const file = (content: unknown) => new File([JSON.stringify(content)], "file.json", { type: "application/json" });
    await user.upload(input, file({ definition: { nodes: [{ id: "only", type: "debug" }] } }));
    expect(await screen.findByText(/The file was imported: 1 node\./)).toBeVisible();
    expect(screen.queryByText("Too hot?")).not.toBeInTheDocument();
    await user.upload(
      input,
      file([
        { id: "t", type: "tab", label: "Hall" },
        { id: "a", type: "inject", wires: [] },
      ]),
    );
    expect(await screen.findByText("An export of Node-RED: 1 node on 1 tab.", { exact: false })).toBeVisible();
    expect(screen.getByText("tab: Hall")).toBeVisible();
    await user.upload(input, file(3));
    expect(await screen.findByText(/file.json cannot be read/)).toBeVisible();
    await press("Undo");
    await press("Undo");
    expect(screen.getByText("Too hot?", { selector: ".canvas-node-name" })).toBeInTheDocument();
  });

  it("asks before something that is not saved is left", async () => {
    const { user, router, type } = await edit();
    await type("Debug debug");
    await user.click(screen.getByRole("link", { name: /^Back to/ }));
    const dialog = within(await screen.findByRole("alertdialog"));
    await user.click(dialog.getByRole("button", { name: "Stay" }));
    expect(router.state.location.pathname).toBe(`/flows/${ID}/edit`);
    await user.click(screen.getByRole("link", { name: /^Back to/ }));
    await user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Leave" }));
    await waitFor(() => {
      expect(router.state.location.pathname).toBe(`/flows/${ID}`);
    });
  });

  it("lets nobody save who may not, and says why", async () => {
    await edit({}, ["viewer"]);
    const button = screen.getByRole("button", { name: "Save draft" });
    expect(button).toHaveAccessibleDescription(/Needs the group “author”/);
  });
});

describe("the way to the editor", () => {
  it("opens the next draft of a published flow first", async () => {
    const fake = new FakeApi();
    fake.flows = [flow()];
    const { user, router } = show(`/flows/${ID}`, fake);
    await user.click(await screen.findByRole("button", { name: "Edit the next draft" }));
    const dialog = within(screen.getByRole("alertdialog"));
    await user.click(dialog.getByRole("button", { name: "Edit the next draft" }));
    await waitFor(() => {
      expect(router.state.location.pathname).toBe(`/flows/${ID}/edit`);
    });
    expect(fake.flows[0]?.status).toBe("draft");
  });
});
