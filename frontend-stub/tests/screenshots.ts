import { mkdirSync } from "node:fs";
import path from "node:path";
import type { Page } from "@playwright/test";
import { Photos, addCopies, addUnknown, drop, taught } from "./photos";
import { execute } from "./explorer";
import { expect, shown, test } from "./page";

const folder = path.resolve(
  import.meta.dirname,
  process.env["SCREENSHOTS"] ?? "../../docs/pictures",
);
const widths = [1280, 390];

// Real photos (a folder with one folder per label) look better than handwritten digits.
const chosen = process.env["PHOTOS"];

test("every screen has a screenshot", async ({ page, server, digits }) => {
  const photos = chosen === undefined ? digits : new Photos(chosen);
  const labels = photos.labels;
  const id = await taught(server, process.env["FUNCTION_NAME"] ?? "Digits", photos, 20);
  await addUnknown(
    server,
    id,
    labels.flatMap((label) => photos.of(label, 20, 26)),
  );
  await addCopies(server, id, labels[1] ?? "", photos.of(labels[0] ?? "", 0, 2));
  mkdirSync(folder, { recursive: true });

  for (const width of widths) {
    await page.setViewportSize({ width, height: width < 600 ? 844 : 800 });
    const picture = (name: string) => take(page, `${name}-${width}`);
    const open = (screen: string) => page.goto(`/#/functions/${encodeURIComponent(id)}/${screen}`);
    await page.goto("/");
    await expect(
      page.getByRole("link", { name: process.env["FUNCTION_NAME"] ?? "Digits" }),
    ).toBeVisible();
    await picture("functions");
    await open("samples");
    await expect(
      page.getByRole("listbox", { name: "Photos" }).locator("img").first(),
    ).toBeVisible();
    await expect(page.getByText(/^Version \d+ is in use$/).first()).toBeAttached();
    await picture("samples");
    await open("annotate");
    await expect(shown(page).locator("img").last()).toBeVisible();
    await picture("annotate");
    await open("review/quiz");
    await page.getByRole("button", { name: "Start the quiz" }).click();
    await expect(page.getByText("% sure")).toBeVisible();
    await picture("quiz");
    await open("review/mistakes");
    await expect(page.getByText(/Keep|No disagreement left/).first()).toBeVisible();
    await picture("mistakes");
    await open("review/duplicates");
    await expect(page.getByText("annotated differently", { exact: true }).first()).toBeVisible();
    await picture("near-duplicates");
    await open("review/confusion");
    await page.getByRole("region", { name: "Mix-ups" }).getByRole("button").first().click();
    await expect(page.getByRole("button", { name: "Open photo 1", exact: true })).toBeVisible();
    await picture("mix-ups");
    await open("review/versions");
    await expect(page.getByText(/^Version \d+/).first()).toBeVisible();
    await picture("versions");
    await open("invoke");
    await drop(page, photos.of(labels[1] ?? "").slice(-1));
    await expect(page.getByRole("list", { name: "Most likely labels" })).toBeVisible();
    await picture("invoke");
    await open("use");
    await expect(page.getByRole("region", { name: "curl code" })).toBeVisible();
    await picture("use");
    await page.goto("/graphql");
    await expect(page.locator(".graphiql-query-editor .view-line").first()).toBeVisible();
    // A phone has no room for the response beside the query.
    if (width > 600) {
      await execute(page);
    }
    await picture("graphiql");
  }
});

async function take(page: Page, name: string): Promise<void> {
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path: path.join(folder, `${name}.png`), animations: "disabled" });
}
