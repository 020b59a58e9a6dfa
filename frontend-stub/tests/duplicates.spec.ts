import { addCopies, taught } from "./photos";
import { expect, test } from "./page";

test("photos that show the same are grouped, made to agree, and thinned out", async ({
  page,
  server,
  digits,
}) => {
  const id = await taught(server, "Twice", digits, 6, ["0", "1"]);
  await addCopies(server, id, "1", digits.of("0", 0, 1));
  const differ = page.getByText("annotated differently", { exact: true });
  const groups = page
    .getByRole("listitem")
    .filter({ has: page.getByRole("list", { name: "Photos of the group" }) });

  await expect(async () => {
    await page.goto(`/#/functions/${encodeURIComponent(id)}/review/duplicates`);
    await page.reload();
    await expect(differ).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 120_000 });
  const before = await groups.count();

  await groups.first().getByLabel("Annotate the whole group").selectOption("0");
  await expect(differ).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(differ).toHaveCount(1);

  await groups.first().getByRole("button", { name: "Open photo 2" }).click();
  await expect(page.getByRole("dialog", { name: "Photo 2" })).toBeVisible();
  await page.keyboard.press("Escape");

  const kept = groups.first().getByRole("button", { name: "Keep only photo 2" });
  await expect(kept).toBeVisible();
  await kept.click();
  await expect(groups).toHaveCount(before - 1);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(groups).toHaveCount(before);
});
