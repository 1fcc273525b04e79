import { expect, signIn, test } from "./fixtures";
import { expectAccessible, expectNothingOverlaps, WIDTHS } from "./looks";

test("an author draws two nodes, wires them, sets one up, saves and publishes", async ({ page }) => {
  await signIn(page, "author", "/flows");
  await page.getByRole("link", { name: "Temperature Alert" }).click();
  await page.getByRole("button", { name: "Edit the next draft" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Edit the next draft" }).click();
  const canvas = page.getByRole("group", { name: "The flow being edited" });
  await expect(canvas.getByText("Threshold")).toBeVisible();

  const palette = page.getByRole("region", { name: "Node types" });
  const { width, height } = (await canvas.boundingBox()) ?? { width: 0, height: 0 };
  const drop = async (title: string, x: number) => {
    const targetPosition = { x: width * x, y: height * 0.75 };
    await palette.getByRole("button", { name: title }).dragTo(canvas, { targetPosition });
  };
  await drop("Inject inject", 0.15);
  await drop("Debug debug", 0.55);
  await page.getByRole("textbox", { name: "keep" }).fill("5");

  const node = (name: string) => canvas.locator(".react-flow__node", { hasText: name });
  await node("inject_1").locator(".source").dragTo(node("debug_1").locator(".target"));
  await expect(page.getByText("inject_1, output 1 → here")).toBeVisible();
  await expectAccessible(page);
  await expectNothingOverlaps(page);

  await page.getByRole("button", { name: "Add health check" }).click();
  await page.getByRole("group", { name: "Check 1" }).getByRole("textbox", { name: "within" }).fill("1m");
  await expectAccessible(page);

  await page.getByRole("button", { name: "Save draft" }).click();
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  await page.setViewportSize({ width: 390, height: 800 });
  await expectNothingOverlaps(page);
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Publish" }).click();
  await expect(page.getByText("5 nodes, 3 wires, 1 variable, 1 health check")).toBeVisible();
  await page.getByRole("tab", { name: "Compare" }).click();
  await expect(page.getByText("inject_1 → debug_1")).toBeVisible();
  const both = page.getByRole("group", { name: "Both versions in one graph" });
  await expect(both.locator(".canvas-node-added")).toHaveCount(2);
  await expect(both.locator(".wire-added")).toHaveCount(1);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    await expectAccessible(page);
    await expectNothingOverlaps(page);
  }
});

test("what is dropped on an empty canvas stays where it was dropped", async ({ page }) => {
  await signIn(page, "author", "/flows");
  await page.getByRole("button", { name: "New flow" }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Name" }).fill("Empty");
  await page.getByRole("dialog").getByRole("button", { name: "Create flow" }).click();
  const canvas = page.getByRole("group", { name: "The flow being edited" });
  const types = page.getByRole("region", { name: "Node types" });
  const place = { x: 40, y: 60 };
  await types.getByRole("button", { name: "Inject inject" }).dragTo(canvas, { targetPosition: place });
  await types.getByRole("button", { name: "Debug debug" }).dragTo(canvas, { targetPosition: { x: 40, y: 200 } });
  await expect(canvas.locator(".react-flow__node")).toHaveCount(2);
  const frame = await canvas.boundingBox();
  const box = await canvas.locator(".react-flow__node", { hasText: "inject_1" }).boundingBox();
  expect((box?.x ?? 0) - (frame?.x ?? 0)).toBeCloseTo(place.x, -1);
  expect((box?.y ?? 0) - (frame?.y ?? 0)).toBeCloseTo(place.y, -1);
});

test("an author creates a flow, and names it anew", async ({ page }) => {
  await signIn(page, "author", "/flows");
  await page.getByRole("button", { name: "New flow" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("Tank level");
  await dialog.getByRole("textbox", { name: "Tags" }).fill("water, hall 2");
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    await expectAccessible(page);
    await expectNothingOverlaps(page);
  }
  await dialog.getByRole("button", { name: "Create flow" }).click();
  await page.getByRole("link", { name: "Back to Tank level" }).click();
  await expectNothingOverlaps(page);
  await page.getByRole("button", { name: "Name and tags" }).click();
  await expectAccessible(page);
  await dialog.getByRole("textbox", { name: "Name" }).fill("Tank level, hall 2");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Tank level, hall 2" })).toBeVisible();
});
