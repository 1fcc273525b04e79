import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures";
import { expectGoodLooks, expectNothingOverlaps } from "./looks";

const ROWS = Array.from({ length: 12 }, (_, index) => `<li><button>Row ${String(index)}</button></li>`).join("");
const LIST = `<ul style="height: 80px; margin: 0; padding: 0; overflow: auto; line-height: 30px">${ROWS}</ul>`;

/** What the check finds on a page that has only this. */
async function findings(page: Page, body: string): Promise<string> {
  await page.setContent(`<!doctype html><html lang="en"><title>A page</title><body style="margin: 0">${body}</body>`);
  try {
    await expectNothingOverlaps(page);
  } catch (error) {
    return String(error);
  }
  return "";
}

test("rows that are scrolled out of view lie over nothing that is below their list", async ({ page }) => {
  const below = `<button style="display: block; height: 200px">Below</button>`;
  expect(await findings(page, LIST + below)).toBe("");
  await page.getByRole("list").evaluate((list) => {
    list.scrollTop = list.scrollHeight;
  });
  await expectNothingOverlaps(page);
});

test("a row that is in view does lie over what is put there", async ({ page }) => {
  const over = `<button style="position: absolute; top: 45px; left: 0">Over</button>`;
  const found = await findings(page, LIST + over);
  expect(found).toContain("<button>Row 1</button> lies over");
  expect(found).not.toContain("<button>Row 5</button>");
});

test("what is moved out of a box that does not scroll counts where it is", async ({ page }) => {
  const out = `<div style="height: 10px"><button style="margin-top: 40px">Out</button></div>`;
  const below = `<button style="display: block; height: 200px">Below</button>`;
  expect(await findings(page, `<div style="display: flow-root">${out}</div>${below}`)).toContain("lies over");
});

test("a text that is cut off is found, below as well as at its end, and so is a page that is too wide", async ({
  page,
}) => {
  const cut = (style: string) => `<p style="overflow: hidden; ${style}">The reason of a failure, which is long</p>`;
  expect(await findings(page, cut("width: 60px; white-space: nowrap"))).toMatch(/shows 60 px of \d+/);
  expect(await findings(page, cut("width: 60px; height: 20px"))).toMatch(/shows 20 px of \d+/);
  expect(await findings(page, cut("width: 60px"))).toBe("");
  expect(await findings(page, `<div style="width: 2000px">Wide</div>`)).toMatch(/is \d+ px too wide/);
});

test("a page is looked at in both widths, and is as wide as before afterwards", async ({ page }) => {
  const narrow = `<style>@media (max-width: 400px) { p { width: 60px; height: 20px; overflow: hidden } }</style>`;
  const text = "<main><h1>A page</h1><p>The reason of a failure, which is long</p></main>";
  expect(await findings(page, narrow + text)).toBe("");
  await expect(expectGoodLooks(page)).rejects.toThrow(/shows 60 px|shows 20 px/);
  expect(await findings(page, text)).toBe("");
  await page.setViewportSize({ width: 1000, height: 700 });
  await expectGoodLooks(page);
  expect(page.viewportSize()).toEqual({ width: 1000, height: 700 });
});
