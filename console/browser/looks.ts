// What every page is held to, whatever it shows: that all can use it, and that nothing lies over another or is cut off.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, type Page } from "@playwright/test";
import type { AxeResults } from "axe-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Widths that pages are looked at in: of a laptop, and of a telephone. */
export const WIDTHS = [1280, 390] as const;

/** Hold the page to both, as it stands and in every width. Afterwards it is as wide as before. */
export async function expectGoodLooks(page: Page): Promise<void> {
  const before = page.viewportSize();
  await expectAccessible(page);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    await expectNothingOverlaps(page);
  }
  if (before !== null) await page.setViewportSize(before);
}

/** Hold the page to the rules of WCAG 2.2 AA that a machine can look at, in light and in dark. */
export async function expectAccessible(page: Page): Promise<void> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const found: string[] = [];
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    const results = await page.evaluate<AxeResults>(
      "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })",
    );
    for (const { id, nodes } of results.violations)
      found.push(`${colorScheme}: ${id}: ${nodes.map((node) => node.html).join(" ")}`);
  }
  expect(found, page.url()).toEqual([]);
}

/**
 * Hold the page to its width, every two things that can be pressed or filled in to places of their own, and every text
 * to the box that it stands in: none is cut off, with or without dots. Where a dialog is open, it is the one that is
 * looked at, and has to fit into the window. Of what is in a box that scrolls, the part that is in view has a place.
 * Canvases are left out, which are moved to see what is outside of them, and ids, which lose their middle by design.
 */
export async function expectNothingOverlaps(page: Page): Promise<void> {
  expect(await page.evaluate(lookForOverlaps), page.url()).toEqual([]);
}

/** Runs in the page, so it takes nothing from around it. */
function lookForOverlaps(): string[] {
  const wide = document.documentElement.scrollWidth - window.innerWidth;
  const told = wide > 0 ? [`the page is ${String(wide)} px too wide`] : [];
  const named = (element: Element) => element.outerHTML.slice(0, 120);
  const dialog = document.querySelector("[role=dialog], [role=alertdialog]");
  const frame = dialog?.getBoundingClientRect();
  if (frame && (frame.left < 0 || frame.top < 0 || frame.right > innerWidth || frame.bottom > innerHeight))
    told.push("the dialog does not fit into the window");

  const isShown = (element: Element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  /** The part of an element that the boxes around it leave in view. */
  const inView = (element: Element) => {
    let { left, top, right, bottom } = element.getBoundingClientRect();
    for (let around = element.parentElement; around !== null; around = around.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(around);
      if (around === document.body || (overflowX === "visible" && overflowY === "visible")) continue;
      const box = around.getBoundingClientRect();
      if (overflowX !== "visible") [left, right] = [Math.max(left, box.left), Math.min(right, box.right)];
      if (overflowY !== "visible") [top, bottom] = [Math.max(top, box.top), Math.min(bottom, box.bottom)];
    }
    return { left, top, right, bottom };
  };
  const boxes = [...(dialog ?? document).querySelectorAll("a, button, input, select, textarea, h1, h2, h3")]
    .filter(isShown)
    .map((element) => ({ element, box: inView(element) }))
    .filter(({ box }) => box.right - box.left > 1 && box.bottom - box.top > 1);
  boxes.forEach(({ element, box }, index) => {
    for (const other of boxes.slice(index + 1)) {
      if (element.contains(other.element) || other.element.contains(element)) continue;
      const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
      const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
      if (across > 1 && down > 1) told.push(`${named(element)} lies over ${named(other.element)}`);
    }
  });

  for (const element of (dialog ?? document.body).querySelectorAll("*")) {
    const { clientWidth, scrollWidth, clientHeight, scrollHeight } = element;
    if (clientWidth <= 1 || element.textContent.trim() === "" || element.closest(".react-flow, svg, select, .id-start"))
      continue;
    if (!isShown(element)) continue;
    const { overflowX, overflowY } = getComputedStyle(element);
    const isCut = scrollWidth > clientWidth + 1 && !/auto|scroll/.test(overflowX);
    const isCutBelow = scrollHeight > clientHeight + 1 && /hidden|clip/.test(overflowY);
    if (isCut || isCutBelow) {
      const [shown, whole] = isCut ? [clientWidth, scrollWidth] : [clientHeight, scrollHeight];
      told.push(`${named(element)} shows ${String(shown)} px of ${String(whole)}`);
    }
  }
  return told;
}
