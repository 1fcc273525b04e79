import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  // Tests hold the console's tables to those of docs/.
  server: { fs: { allow: [".."] } },
  build: {
    // dist/ is the layer ConsoleFiles of template.yaml, in which a function finds what is below python/.
    outDir: "dist/python/console_files",
    target: "es2023",
    // The page's policy forbids inline scripts; without the polyfill Vite writes none.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // scripts/check-size.js reads from it what a first visit loads.
    manifest: true,
    chunkSizeWarningLimit: 1_000, // that script has the limit that counts
  },
  test: {
    include: ["src/**/*.test.{ts,tsx}"],
    environment: "jsdom",
    environmentOptions: { jsdom: { url: "https://console.test/" } },
    setupFiles: ["src/testing/setup.ts"],
    restoreMocks: true,
    // Files share a process with its modules, as pytest's do: a page and all libraries anew for each would be two fifths
    // of the work. What a test leaves behind is cleared after it: src/testing/setup.ts.
    isolate: false,
    // Only a test that hangs waits that long: other checks may run beside these.
    testTimeout: 120_000,
  },
});
