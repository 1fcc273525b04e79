import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { expect, signIn, test } from "./fixtures";
import { seedRollout } from "./seeded";

const FOLDER = new URL("../../docs/pictures/", import.meta.url);
const MOST_BYTES = 150_000;

test.use({ viewport: { width: 1280, height: 800 }, colorScheme: "light", timezoneId: "UTC", locale: "en-GB" });

/** Photograph the page as it stands. */
async function draw(page: Page, name: string): Promise<void> {
  const path = fileURLToPath(new URL(name, FOLDER));
  await page.mouse.move(0, 0);
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path, animations: "disabled", caret: "hide" });
  expect(statSync(path).size).toBeLessThanOrEqual(MOST_BYTES);
}

test("the flow editor", async ({ page }) => {
  await signIn(page, "author", "/flows");
  await page.getByRole("link", { name: "Temperature Alert" }).click();
  await page.getByRole("button", { name: "Edit the next draft" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Edit the next draft" }).click();
  await page.getByRole("group", { name: "The flow being edited" }).getByText("Threshold").click();
  await expect(page.getByRole("heading", { level: 2, name: "Switch" })).toBeVisible();
  await draw(page, "flow-editor.png");
});

test("a rollout under way", async ({ page }) => {
  await page.clock.setFixedTime("2026-11-28T09:42:00Z");
  const { id } = await seedRollout(page, { total: 2_000, wave: 100, done: 1_240, step: 0 });
  await signIn(page, "operator", `/rollouts/${id}`);
  await expect(page.getByText("2,000 in all", { exact: false })).toBeVisible();
  await draw(page, "rollout.png");
});
