import { defineConfig } from "@playwright/test";
import { chromium } from "./tests/browser";

/** Prints how much the first load is and how quick a key press, as a line of JSON. */
export default defineConfig({
  testDir: "tests",
  testMatch: "measure.ts",
  outputDir: "test-results",
  workers: 1,
  timeout: 300_000,
  expect: { timeout: 120_000 },
  reporter: "line",
  use: chromium,
});
