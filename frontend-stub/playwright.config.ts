import { defineConfig } from "@playwright/test";
import { chromium } from "./tests/browser";

/** The page against a real `pigeonhole up`; one worker, since there is one server. */
export default defineConfig({
  testDir: "tests",
  testMatch: "*.spec.ts",
  outputDir: "test-results",
  workers: 1,
  timeout: 240_000,
  retries: process.env.CI ? 1 : 0, // what passes the second time is reported as flaky
  expect: { timeout: 20_000 },
  reporter: "list",
  use: { ...chromium, trace: "retain-on-failure" },
});
