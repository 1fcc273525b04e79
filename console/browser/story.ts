import type { Page } from "@playwright/test";
import { expect, listen, test as base } from "./fixtures";
import { expectGoodLooks } from "./looks";

/** What tests/e2e/test_console_story.py says by the environment. */
const FLOW = given("STORY_FLOW");
const DEVICES = given("STORY_DEVICES").split(" ");
const PASSWORDS = { author: given("AUTHOR_PASSWORD"), operator: given("OPERATOR_PASSWORD") };

/** The product page's flow, from left to right: each node's type as the palette has it, and its name. */
const NODES = [
  { type: "Temperature and humidity", name: "DHT22 Sensor" },
  { type: "Switch", name: "Threshold" },
  { type: "MQTT out", name: "Alert" },
] as const;
const LONG = { timeout: 150_000 }; // for what devices do, on a machine that is busy

/** Two people, each with a browser of their own: who may write flows may not roll them out. */
const test = base.extend<{ author: Page; operator: Page }>({
  author: async ({ page }, give) => {
    await signIn(page, "author", "/flows");
    await give(page);
  },
  operator: async ({ browser, complaints }, give) => {
    const context = await browser.newContext();
    listen(context, complaints);
    const page = await context.newPage();
    await signIn(page, "operator", "/rollouts");
    await give(page);
    await context.close();
  },
});

test("a flow is drawn, rolled out, spoilt, brought back by its canary, and compared", async ({ author, operator }) => {
  await test.step("the author draws a flow and publishes it", async () => {
    await createFlow(author);
    await draw(author);
    await addVariable(author, "threshold", "number", "30");
    await expectGoodLooks(author);
    await publish(author);
    await expect(author.getByText("3 nodes, 2 wires, 1 variable, 0 health checks")).toBeVisible();
    await expectGoodLooks(author);
  });

  await test.step("the operator looks at the fleet", async () => {
    await expectGoodLooks(operator);
    await operator.getByRole("link", { name: "Fleet" }).click();
    await operator.getByRole("searchbox", { name: "Device id" }).fill(DEVICES[0] ?? "");
    await expect(operator.getByRole("link", { name: DEVICES[0] ?? "", exact: true })).toBeVisible();
    await expectGoodLooks(operator);
  });

  await test.step("the operator rolls it out, watches the canary, and lets the rest follow", async () => {
    await prepareRollout(operator, 1);
    await press(operator, "Start");
    await expect(step(operator, "Watch")).toHaveAttribute("aria-current", "step", LONG);
    await expectGoodLooks(operator);
    await press(operator, "Promote");
    await expect(status(operator)).toHaveText("Completed", LONG);
    await expect(operator.getByText("10 of 10 devices have an outcome")).toBeVisible();
    await expect(step(operator, "The rest")).toContainText("(done)");
    await expectGoodLooks(operator);
  });

  await test.step("the author publishes a version that asks for a sensor which the canary does not have", async () => {
    await press(author, "Edit the next draft");
    await author.getByRole("group", { name: "The flow being edited" }).getByText("DHT22 Sensor").click();
    await author.getByRole("combobox", { name: "model" }).selectOption("DHT11");
    await expectGoodLooks(author);
    await publish(author);
    await expect(author.getByText("newest version 2")).toBeVisible();
    await expectGoodLooks(author);
  });

  await test.step("the operator rolls that out, and sees it come back, and why", async () => {
    await prepareRollout(operator, 2);
    await press(operator, "Start");
    await expect(status(operator)).toHaveText("Rolled back", LONG);
    const causes = operator.getByRole("region", { name: "Why devices failed" });
    await expect(causes.getByRole("listitem")).toHaveText(["was not healthy1"]);
    const targets = operator.getByRole("table", { name: "Devices" });
    const canary = targets.getByRole("row", { name: DEVICES[0] ?? "" });
    await expect(canary).toContainText("Rolled back");
    await expect(canary).toContainText("The node needs a DHT11 sensor, but this device has a DHT22.");
    await expect(targets.getByRole("row", { name: DEVICES[1] ?? "" })).toContainText("Skipped");
    await expectGoodLooks(operator);
    await canary.getByRole("link").click();
    await expect(operator.getByRole("heading", { level: 1, name: DEVICES[0] ?? "" })).toBeVisible();
    await expect(operator.getByRole("heading", { level: 2, name: "Vital signs" })).toBeVisible();
    await expectGoodLooks(operator);
  });

  await test.step("the author compares the two versions", async () => {
    await author.getByRole("tab", { name: "Compare" }).click();
    await expect(author.getByRole("combobox", { name: "From" })).toHaveValue("1");
    await expect(author.getByRole("combobox", { name: "to" })).toHaveValue("2");
    const both = author.getByRole("group", { name: "Both versions in one graph" });
    await expect(both.locator(".canvas-node-changed")).toContainText(["DHT22 Sensor"]);
    await expect(both.getByText('model: not set → "DHT11"')).toBeVisible();
    await expect(author.getByRole("listitem").filter({ hasText: "changed" })).toContainText(["DHT22 Sensor"]);
    await expectGoodLooks(author);
  });
});

function given(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "")
    throw new Error(`${name} is missing; tests/e2e/test_console_story.py has it`);
  return value;
}

/** Go to a page of the console over the sign-in page that the user pool hosts. */
async function signIn(page: Page, name: keyof typeof PASSWORDS, path: string): Promise<void> {
  await page.goto(path);
  await page.getByRole("textbox", { name: "Username" }).fill(name);
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORDS[name]);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
  await expect(page).toHaveURL((url) => url.pathname === path);
}

/** Press a button that asks first, look at what it asks, and confirm. */
async function press(page: Page, label: string): Promise<void> {
  await page.getByRole("button", { name: label, exact: true }).click();
  await expect(page.getByRole("alertdialog")).toBeVisible();
  await expectGoodLooks(page);
  await page.getByRole("alertdialog").getByRole("button", { name: label, exact: true }).click();
}

async function createFlow(page: Page): Promise<void> {
  await expectGoodLooks(page);
  await page.getByRole("button", { name: "New flow" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill(FLOW);
  await dialog.getByRole("textbox", { name: "Description" }).fill("Monitor temperature and send alerts");
  await dialog.getByRole("textbox", { name: "Tags" }).fill("temperature, alerts");
  await expectGoodLooks(page);
  await dialog.getByRole("button", { name: "Create flow" }).click();
}

/** Drag each node onto the canvas, name it, and draw a wire from one to the next. */
async function draw(page: Page): Promise<void> {
  const canvas = page.getByRole("group", { name: "The flow being edited" });
  const palette = page.getByRole("region", { name: "Node types" });
  await canvas.scrollIntoViewIfNeeded();
  const { width, height } = (await canvas.boundingBox()) ?? { width: 0, height: 0 };
  for (const [index, { type, name }] of NODES.entries()) {
    const targetPosition = { x: width * (0.05 + 0.3 * index), y: height * (0.15 + 0.25 * index) };
    await palette.getByRole("button", { name: type }).dragTo(canvas, { targetPosition });
    await page.getByRole("region", { name: type, exact: true }).getByRole("textbox", { name: "Name" }).fill(name);
  }
  const node = (name: string) => canvas.locator(".react-flow__node", { hasText: name });
  for (const [index, { name }] of NODES.slice(1).entries()) {
    const before = NODES[index]?.name ?? "";
    await node(before).locator(".source").dragTo(node(name).locator(".target"));
    await expect(canvas.locator(".react-flow__edge")).toHaveCount(index + 1);
  }
}

async function addVariable(page: Page, name: string, type: string, value: string): Promise<void> {
  await page.getByRole("button", { name: "Add variable" }).click();
  await page.getByRole("textbox", { name: "Variable name" }).fill(name);
  await page.getByRole("combobox", { name: "Type of the variable" }).selectOption(type);
  await page.getByRole("textbox", { name: "Value of the variable" }).fill(value);
}

/** Publish what is in the editor, and arrive at the flow's page. */
async function publish(page: Page): Promise<void> {
  await press(page, "Publish");
  await expect(page).toHaveURL(/\/flows\/flow_\w+$/);
  await expect(page.getByRole("heading", { level: 1, name: FLOW })).toBeVisible();
}

/** Find the flow, fill in a canary rollout of its newest version to all devices, and create it. */
async function prepareRollout(page: Page, version: number): Promise<void> {
  await page.getByRole("link", { name: "Flows", exact: true }).click();
  await page.getByRole("searchbox", { name: "Name" }).fill(FLOW);
  const flow = page.getByRole("link", { name: FLOW });
  await expect(flow).toBeVisible();
  await expectGoodLooks(page);
  await flow.click();
  await page.getByRole("link", { name: "Roll out" }).click();
  await expect(page.getByText(`${FLOW}: published, newest version ${String(version)}.`)).toBeVisible();
  await page.getByRole("textbox", { name: "Devices" }).fill(DEVICES.join("\n"));
  await page.getByRole("radio", { name: "Canary" }).click();
  await page.getByRole("textbox", { name: "Wait after the canaries" }).fill("10m");
  await expect(page.getByText("10 devices in 2 waves.")).toBeVisible();
  await expect(page.getByText("All of them are connected now.")).toBeVisible();
  await expectGoodLooks(page);
  await page.getByRole("button", { name: "Create rollout" }).click();
  await expect(page).toHaveURL(/\/rollouts\/dep_\w+$/);
  await expect(status(page)).toHaveText("Pending");
  await expectGoodLooks(page);
}

function status(page: Page) {
  return page.locator(".page-head .status");
}

/** One of the steps of the strategy. */
function step(page: Page, label: string) {
  return page.locator(".steps > li").filter({ has: page.getByText(label, { exact: true }) });
}
