import { cpSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { drop, taught } from "./photos";
import { expect, labelled, seriousViolations, test, total } from "./page";

test("deleted photos are restored from the trash with their annotations, or deleted permanently", async ({
  page,
  server,
  digits,
}) => {
  const id = await taught(server, "Tidied", digits, 6, ["0", "1"]);
  const at = `/#/functions/${encodeURIComponent(id)}`;
  await page.goto(`${at}/trash`);
  await expect(page.getByRole("heading", { name: "The trash is empty" })).toBeVisible();
  await page.goto(`${at}/samples?order=oldest`);
  await expect(labelled(page, "0")).toHaveCount(6);

  // Delete all; a reload does not bring them back, but the trash does.
  await page.getByRole("listbox", { name: "Photos" }).focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.getByRole("button", { name: "Delete 12 photos" }).click();
  await expect(page.getByRole("heading", { name: "Add the first photos" })).toBeVisible();
  await page.reload();
  await page.getByRole("link", { name: "Trash" }).click();
  const photos = page.getByRole("list", { name: "Deleted photos" }).getByRole("button");
  await expect(photos).toHaveCount(12);
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 844 });
    expect(await seriousViolations(page)).toEqual([]);
  }
  for (const photo of await photos.all()) {
    if ((await photo.getByRole("img").getAttribute("alt")) === "0") await photo.click();
  }
  await page.getByRole("button", { name: "Restore", exact: true }).click();
  await expect(page.getByText("6 photos restored.")).toBeVisible();
  await expect(photos).toHaveCount(6);

  // Delete the rest permanently, after a confirmation.
  await page.getByRole("button", { name: "Choose all" }).click();
  await page.getByRole("button", { name: "Delete for good" }).click();
  const question = page.getByRole("dialog", { name: "Delete 6 photos for good?" });
  await question.getByRole("button", { name: "Delete for good" }).click();
  await expect(page.getByRole("heading", { name: "The trash is empty" })).toBeVisible();
  await page.getByRole("link", { name: "Back to the photos" }).click();
  await expect(labelled(page, "0")).toHaveCount(6);
  await expect(total(page)).toHaveText("6 photos");
});

test("photos are found by their file names, and show the parts that the model sees", async ({
  page,
  server,
  digits,
}) => {
  const id = await taught(server, "Found", digits, 0, ["0", "1"]);
  const folder = mkdtempSync(path.join(tmpdir(), "pigeonhole-names-"));
  const names = ["Soup of Monday.jpg", "soup of tuesday.jpg", "Cake.jpg"];
  const files = digits.of("0", 0, 3).map((file, index) => {
    const copy = path.join(folder, names[index] ?? "");
    cpSync(file, copy);
    return copy;
  });
  await page.goto(`/#/functions/${encodeURIComponent(id)}/samples`);
  await expect(page.getByRole("heading", { name: "Add the first photos" })).toBeVisible();
  await drop(page, files);
  await expect(total(page)).toHaveText("3 photos");

  await page.getByRole("searchbox", { name: "File name" }).fill("SOUP");
  await expect(total(page)).toHaveText("2 photos");
  expect(page.url()).toContain("file=SOUP");
  await page.reload();
  await expect(page.getByRole("searchbox", { name: "File name" })).toHaveValue("SOUP");
  await expect(total(page)).toHaveText("2 photos");
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect(total(page)).toHaveText("3 photos");
  await expect(page.getByRole("searchbox", { name: "File name" })).toHaveValue("");

  await page.getByRole("listbox", { name: "Photos" }).focus();
  await page.keyboard.press("Enter");
  const seen = page.getByRole("img", { name: "The bright part is what the model looks at" });
  await expect(page.getByRole("dialog")).toBeVisible();
  await expect(seen).toBeHidden();
  await page.getByRole("button", { name: "What the model looks at" }).click();
  await expect(seen).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
});
