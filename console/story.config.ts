import { defineConfig } from "@playwright/test";

// The console as a stack with real devices serves it; tests/e2e/test_console_story.py says where that is, and runs this.
export default defineConfig({
  testDir: "browser",
  testMatch: "story.ts",
  outputDir: "node_modules/.cache/story",
  forbidOnly: true,
  workers: 1,
  timeout: 500_000,
  globalTimeout: 530_000, // with unpacking the browser
  expect: { timeout: 30_000 },
  reporter: [["list", { printSteps: true }]],
  globalSetup: "./browser/chromium.ts",
  use: {
    baseURL: process.env.CONSOLE_URL ?? "",
    viewport: { width: 1440, height: 900 },
    actionTimeout: 30_000,
    navigationTimeout: 30_000,
    screenshot: "only-on-failure",
    trace: "off",
  },
});
