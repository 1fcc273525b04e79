import { defineConfig } from "@playwright/test";
import browser from "./playwright.config";

// Draws the pictures of the documentation; the tests of the console leave it alone.
export default defineConfig(browser, { testMatch: "pictures.ts" });
