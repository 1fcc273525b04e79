import type { Page } from "@playwright/test";
import { expect, signIn, test } from "./fixtures";
import { expectAccessible, expectGoodLooks, expectNothingOverlaps, WIDTHS } from "./looks";
import { seedRollout } from "./seeded";

test("whoever signs in sees the rollouts, and may do what their group may", async ({ page }) => {
  await signIn(page, "viewer");
  await expect(page).toHaveURL(/\/rollouts$/);
  await expect(page.getByText("canary").first()).toBeVisible();
  await expect(page.getByText("rolling").first()).toBeVisible();
});

test("a page that was asked for is shown after the sign-in, and nothing of that stays in the browser", async ({
  page,
}) => {
  await signIn(page, "operator", "/fleet");
  await expect(page).toHaveURL(/\/fleet$/);
  await expect(page.getByText("dev_001").first()).toBeVisible();
  expect(await page.evaluate(() => [sessionStorage.length, localStorage.length])).toEqual([0, 0]);
});

test("the API refuses a user who asks for more than the group gives, whatever the console shows", async ({ page }) => {
  const tokens: string[] = [];
  page.on("request", (request) => {
    const header = request.headers().authorization;
    if (header !== undefined) tokens.push(header);
  });
  await signIn(page, "viewer");
  await expect(page.getByText("canary").first()).toBeVisible();
  const answer = await page.request.post("/api/v1/deployments", {
    headers: { Authorization: tokens[0] ?? "" },
    data: {},
  });
  expect(answer.status()).toBe(403);
  expect(await answer.json()).toMatchObject({ code: "forbidden" });
});

test("the form of a new rollout opens", async ({ page }) => {
  await signIn(page, "operator");
  await page.getByRole("link", { name: "New rollout" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "New rollout" })).toBeVisible();
});

for (const width of WIDTHS) {
  test(`every page is accessible, and nothing overlaps, at ${String(width)} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    const link = (name: string) => page.getByRole("link", { name, exact: true }).first();
    const ways: [string, RegExp, () => Promise<void>][] = [
      ["the list of rollouts", /\/rollouts$/, () => signIn(page, "operator")],
      ["a new rollout", /\/rollouts\/new/, () => link("New rollout").click()],
      ["a new rollout that is filled in", /\/rollouts\/new/, () => fillIn(page)],
      ["the fleet", /\/fleet$/, () => link("Fleet").click()],
      ["a device", /\/fleet\/dev_001$/, () => link("dev_001").click()],
      ["flows, all filters set", /\/flows\?/, () => filterFlows(page)],
      ["flows", /\/flows$/, () => page.getByRole("button", { name: "Clear filters" }).click()],
      ["a flow", /\/flows\/flow_/, () => page.getByRole("main").getByRole("row").getByRole("link").first().click()],
      ["a rollout", /\/rollouts\/dep_/, () => aRollout(page)],
      ["an address that leads nowhere", /\/nowhere$/, () => signIn(page, "operator", "/nowhere")],
    ];
    for (const [name, address, go] of ways) {
      await test.step(name, async () => {
        await go();
        await expect(page).toHaveURL(address);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await page.waitForLoadState("networkidle");
        await expectAccessible(page);
        await expectNothingOverlaps(page);
      });
    }
  });
}

test("a rollout that was rolled back is accessible, its links to both executions included", async ({ page }) => {
  const { id } = await seedRollout(page, { total: 20, wave: 5, done: 7, step: 0, isRolledBack: true });
  await signIn(page, "viewer", `/rollouts/${id}`);
  await expect(page.getByRole("link", { name: /Step Functions/ })).toHaveCount(2);
  await expectAccessible(page);
});

test("why a device failed is said whole, however long it is, and each row has the place that it needs", async ({
  page,
}) => {
  const message = `The node needs a DHT11 sensor, but this device has a DHT22; refused 12 times: ${"connection_".repeat(9)}`;
  const shape = { total: 100, wave: 50, done: 100, step: 0, isRolledBack: true, fails: 3, message };
  const { id } = await seedRollout(page, shape);
  await signIn(page, "viewer", `/rollouts/${id}`);
  const failed = page.getByRole("table", { name: "Devices" }).getByRole("row", { name: "edge-000002" });
  await expect(failed).toContainText(message);
  await expectGoodLooks(page);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    const { rows, heights, sum, height } = await measureRows(page, "Devices");
    expect(rows).toBe(100);
    expect(heights.some((one) => one > 80)).toBe(true);
    expect(Math.abs(height - sum)).toBeLessThan(rows); // heights are measured in whole pixels
  }
});

/** Scroll through a table and measure each row; `height` is that of all rows as the table has it in the end. */
async function measureRows(page: Page, table: string) {
  const measured = await page.getByRole("group", { name: table, exact: true }).evaluate(async (scroller) => {
    const rows = new Map<string, number>();
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const scrollTo = async (top: number) => {
      scroller.scrollTop = top;
      await frame(); // the rows in view are put into the page
      await frame(); // and have been measured
      for (const row of scroller.querySelectorAll("tbody tr[aria-rowindex]"))
        rows.set(row.getAttribute("aria-rowindex") ?? "", row.getBoundingClientRect().height);
    };
    await scrollTo(0);
    while (scroller.scrollTop < scroller.scrollHeight - scroller.clientHeight - 1)
      await scrollTo(scroller.scrollTop + 200);
    const height = scroller.querySelector("tbody")?.getBoundingClientRect().height ?? 0;
    return { heights: [...rows.values()], height };
  });
  const sum = measured.heights.reduce((before, height) => before + height, 0);
  return { ...measured, rows: measured.heights.length, sum };
}

/** Name devices of which the preview has several waves, one of them with an id as long as they usually are. */
async function fillIn(page: Page): Promise<void> {
  const devices = Array.from({ length: 11 }, (_, index) => `dev_${String(index + 1).padStart(3, "0")}`);
  await page.getByRole("textbox", { name: "Devices" }).fill(["press-hall-2-line-07", ...devices].join("\n"));
  await expect(page.getByRole("table", { name: "Preview" }).getByRole("row")).toHaveCount(3);
}

/** Set each filter of the list of flows, so that none is left in it. */
async function filterFlows(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Flows", exact: true }).first().click();
  await page.getByRole("searchbox", { name: "Name" }).fill("temp");
  await page.getByRole("searchbox", { name: "Tag" }).fill("no such tag");
  await page.getByRole("button", { name: "Archived" }).click();
  await page.getByLabel("Created from").fill("2026-11-01");
  await page.getByLabel("until").fill("2026-11-30");
  await page.getByRole("combobox", { name: "Order" }).selectOption("Oldest first");
  await expect(page.getByText("No flow matches.")).toBeVisible();
}

async function aRollout(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Rollouts", exact: true }).click();
  await page.getByRole("main").getByRole("row").getByRole("link").first().click();
}
