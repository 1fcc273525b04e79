import { test as base, chromium, expect, type Browser, type BrowserContext, type Page } from "@playwright/test";

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

export { expect };
