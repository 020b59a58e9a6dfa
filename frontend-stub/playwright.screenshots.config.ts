import { defineConfig } from "@playwright/test";
import { chromium } from "./tests/browser";

/** Pictures of each screen for the documentation. */
export default defineConfig({
  testDir: "tests",
  testMatch: "screenshots.ts",
  outputDir: "test-results",
  workers: 1,
  timeout: 300_000,
  expect: { timeout: 120_000 },
  reporter: "list",
  use: chromium,
});
