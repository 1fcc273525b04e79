import { defineConfig } from "@playwright/test";

const PORT = 5199;

// The built console in a real browser, with the API's own handler behind it (tests/support/console_world.py).
export default defineConfig({
  testDir: "browser",
  outputDir: "node_modules/.cache/browser",
  forbidOnly: true,
  workers: 1,
  // Other tests may run beside these.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: "list",
  globalSetup: "./browser/chromium.ts",
  use: { baseURL: `http://localhost:${PORT}`, trace: "off" },
  webServer: {
    command: `exec .venv/bin/python -m tests.support.console_world ${PORT}`,
    cwd: "..",
    url: `http://localhost:${PORT}/config.json`,
    reuseExistingServer: false,
    timeout: 60_000,
    stdout: "ignore",
  },
});
