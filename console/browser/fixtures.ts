import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test as base, chromium, expect, type Browser, type BrowserContext, type Page } from "@playwright/test";
import type { AxeResults } from "axe-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Widths that pages are looked at in: of a laptop, and of a telephone. */
export const WIDTHS = [1280, 390] as const;

/** The browser that npm brings: it needs no root, and asks nobody for anything. */
export const test = base.extend<{ complaints: string[] }, { browser: Browser }>({
  browser: [
    // eslint-disable-next-line no-empty-pattern -- a fixture that needs none says so by this
    async ({}, use) => {
      const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM_PATH ?? "",
        args: ["--no-sandbox", "--no-zygote", "--disable-background-networking", "--disable-gpu"],
      });
      await use(browser);
      await browser.close();
    },
    { scope: "worker" },
  ],
  /** What the browser wrote to its console: breaches of the page's policy, and errors. None are expected. */
  complaints: [
    async ({ context }, use) => {
      const complaints: string[] = [];
      listen(context, complaints);
      await use(complaints);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

/** Write down what pages of this context complain of. */
export function listen(context: BrowserContext, complaints: string[]): void {
  context.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  context.on("weberror", (error) => complaints.push(error.error().message));
}

/** Go to a page of the console as this user, over the sign-in page. */
export async function signIn(page: Page, user: "viewer" | "author" | "operator", path = "/"): Promise<void> {
  await page.goto(path);
  await page.getByRole("button", { name: user }).click();
  await page.getByRole("navigation").waitFor();
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
 * looked at, and has to fit into the window. Canvases are left out, which are
 * moved to see what is outside of them, and ids, which lose their middle by design.
 */
export async function expectNothingOverlaps(page: Page): Promise<void> {
  const found = await page.evaluate(() => {
    const wide = document.documentElement.scrollWidth - window.innerWidth;
    const told = wide > 0 ? [`the page is ${String(wide)} px too wide`] : [];
    const named = (element: Element) => element.outerHTML.slice(0, 120);
    const dialog = document.querySelector("[role=dialog], [role=alertdialog]");
    const frame = dialog?.getBoundingClientRect();
    if (frame && (frame.left < 0 || frame.top < 0 || frame.right > innerWidth || frame.bottom > innerHeight))
      told.push("the dialog does not fit into the window");
    const boxes = [...(dialog ?? document).querySelectorAll("a, button, input, select, textarea, h1, h2, h3")]
      .filter((element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 1 && box.height > 1);
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
      if (
        clientWidth <= 1 ||
        element.textContent.trim() === "" ||
        element.closest(".react-flow, svg, select, .id-start")
      )
        continue;
      if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const { overflowX, overflowY } = getComputedStyle(element);
      const isCut = scrollWidth > clientWidth + 1 && !/auto|scroll/.test(overflowX);
      const isCutBelow = scrollHeight > clientHeight + 1 && /hidden|clip/.test(overflowY);
      if (isCut || isCutBelow) {
        const [shown, whole] = isCut ? [clientWidth, scrollWidth] : [clientHeight, scrollHeight];
        told.push(`${named(element)} shows ${String(shown)} px of ${String(whole)}`);
      }
    }
    return told;
  });
  expect(found, page.url()).toEqual([]);
}

export { expect };
