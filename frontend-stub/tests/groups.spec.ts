import { addUnknown, taught } from "./photos";
import { expect, expectUsable, test } from "./page";

test("one key labels a group of photos, without those taken out, and undo brings it back", async ({
  page,
  server,
  digits,
}) => {
  const id = await taught(server, "Groups", digits, 15, ["0", "1"]);
  await addUnknown(server, id, digits.of("0", 20, 28));
  const heading = page.getByRole("heading", { name: "8 photos like 0" });
  const photos = page.getByRole("group", { name: "Photos of the group" }).getByRole("button");

  // The keyboard opens the groups, once the photos were read and the model has learned.
  await expect(async () => {
    await page.goto("/");
    await page.goto(`/#/functions/${encodeURIComponent(id)}/annotate`);
    await page.getByRole("button", { name: "Group by group" }).press("Enter");
    await expect(heading).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 120_000 });
  await expect(photos).toHaveCount(8);
  await expectUsable(page);

  await photos.nth(2).click();
  await expect(photos.nth(2)).toHaveAttribute("aria-pressed", "false");
  await expectUsable(page);
  await page.keyboard.press("Enter"); // agrees, although a photo has the focus
  await expect(page.getByText("37 annotated, 1 photo left")).toBeVisible();

  await page.keyboard.press("Backspace");
  await expect(page.getByText("30 annotated, 8 photos left")).toBeVisible();
  await expect(heading).toBeVisible();
  await expect(photos.nth(2)).toHaveAttribute("aria-pressed", "false");
  await photos.nth(2).press("Space");
  await expect(photos.nth(2)).toHaveAttribute("aria-pressed", "true");
  await page.keyboard.press("1");
  await expect(page.getByText("38 annotated, 0 photos left")).toBeVisible();
  await expect(page.getByRole("heading", { name: "No photo is left to group" })).toBeVisible();
});
