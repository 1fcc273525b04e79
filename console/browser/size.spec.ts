import type { Locator, Page } from "@playwright/test";
import { expect, signIn, test } from "./fixtures";
import { measureFrames } from "./frames";
import { seedDevices, seedFlow, seedRollout } from "./seeded";

const LONGEST_FRAME = 100; // milliseconds
const STEP = 500; // pixels that are scrolled in a frame
const MOST_ROWS = 100; // of a table, in the page at once
const DRAG_STEPS = 120; // of a pixel to the right, each in a frame

/** Scroll a table down, a step in each frame, to the end of what is loaded when its foot says `end`; and up again. */
async function scrollThrough(page: Page, table: string, end: string): Promise<void> {
  await page.getByRole("group", { name: table, exact: true }).evaluate(
    (element, { step, text }) =>
      new Promise<void>((done) => {
        let direction = 1;
        function frame(): void {
          const isDown = element.scrollTop >= element.scrollHeight - element.clientHeight - 1;
          if (isDown && element.parentElement?.textContent.includes(text)) direction = -1;
          element.scrollTop += direction * step;
          if (direction === -1 && element.scrollTop <= 0) done();
          else requestAnimationFrame(frame);
        }
        requestAnimationFrame(frame);
      }),
    { step: STEP, text: end },
  );
}

/** Do something that asks for many frames, and hold each to the time that it may take. */
async function expectSmooth(page: Page, act: () => Promise<void>): Promise<void> {
  const { count, longestWork, longestOnClock } = await measureFrames(page, act);
  const description = `${longestWork.toFixed(0)} ms of work, ${longestOnClock.toFixed(0)} ms on the clock`;
  test.info().annotations.push({ type: `slowest of ${String(count)} frames`, description });
  expect(count).toBeGreaterThan(100);
  expect(longestWork).toBeLessThanOrEqual(LONGEST_FRAME);
}

async function expectScrollsSmoothly(page: Page, table: string, end: string): Promise<void> {
  await expectSmooth(page, () => scrollThrough(page, table, end));
  expect(await page.getByRole("table", { name: table, exact: true }).getByRole("row").count()).toBeLessThan(MOST_ROWS);
}

test("5,000 devices are loaded and scrolled through without a frame over 100 ms", async ({ page }) => {
  test.setTimeout(120_000);
  await seedDevices(page, 5_000);
  await signIn(page, "viewer", "/fleet");
  await expect(page.getByText("edge-000001")).toBeVisible();
  await expectScrollsSmoothly(page, "Fleet", "5,000 in all");
});

test("a rollout of 100,000 targets changes while its devices are scrolled, without a frame over 100 ms", async ({
  page,
}) => {
  test.setTimeout(120_000);
  const { id, looks } = await seedRollout(page, { total: 100_000, wave: 500, done: 50_000, step: 37 });
  await signIn(page, "viewer", `/rollouts/${id}`);
  const end = "The first 2,000 of 100,000 by id.";
  await expect(page.getByText(end)).toBeVisible({ timeout: 30_000 });
  const before = looks();
  await expectScrollsSmoothly(page, "Devices", end);
  await expectScrollsSmoothly(page, "Devices", end);
  expect(looks()).toBeGreaterThan(before);
  await expect(page.locator(".wave-grid button")).toHaveCount(100);
});

test("a node of 200 is dragged over the canvas without a frame over 100 ms", async ({ page }) => {
  test.setTimeout(120_000);
  const { id, middle } = await seedFlow(page, 200);
  await signIn(page, "author", `/flows/${id}/edit`);
  const node = page.locator(`.react-flow__node[data-id=${middle}]`);
  await expect(node).toBeVisible();
  const start = await middleOf(node);
  await expectSmooth(page, async () => {
    await page.mouse.move(start.x, start.y);
    await page.mouse.down();
    for (let step = 1; step <= DRAG_STEPS; step += 1) {
      await page.mouse.move(start.x + step, start.y);
      await page.evaluate(() => new Promise(requestAnimationFrame));
    }
    await page.mouse.up();
  });
  const end = await middleOf(node);
  expect(end.x - start.x).toBeCloseTo(DRAG_STEPS, -1);
  expect(end.y - start.y).toBeCloseTo(0, -1); // "Not saved yet" makes no other row of buttons, which would move the canvas
});

async function middleOf(node: Locator): Promise<{ x: number; y: number }> {
  const box = await node.boundingBox();
  if (box === null) throw new Error("the node is not in the page");
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
