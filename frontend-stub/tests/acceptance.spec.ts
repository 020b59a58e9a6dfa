import { addUnknown, taught } from "./photos";
import { expect, labelled, seriousViolations, test, total } from "./page";

test("answers that the model is sure of are accepted at once, listed apart, and taken back", async ({
  page,
  server,
  digits,
}) => {
  const id = await taught(server, "Accepted", digits, 15, ["0", "1"]);
  await addUnknown(server, id, digits.of("0", 20, 30));
  const dialog = page.getByRole("dialog", { name: "Accept sure answers" });
  const accept = dialog.getByRole("button", { name: "Accept 10 answers" });

  // The keyboard opens it once the model has answered for all photos.
  await expect(async () => {
    await page.goto("/");
    await page.goto(`/#/functions/${encodeURIComponent(id)}/samples?state=unannotated`);
    await page.getByRole("button", { name: "Accept sure answers…" }).press("Enter");
    await dialog.getByLabel("The model is at least this sure").selectOption("70 %");
    await expect(accept).toBeEnabled({ timeout: 2_000 });
  }).toPass({ timeout: 120_000 });
  await expect(dialog.getByText(/^10 photos get the label that the model says\./)).toBeVisible();
  await expect(dialog.getByText(/^It was that sure of \d+ photos of yours/)).toBeVisible();
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 844 });
    expect(await seriousViolations(page)).toEqual([]);
  }
  await accept.click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText("10 answers accepted.")).toBeVisible();
  await expect(total(page)).toHaveText("0 photos");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(total(page)).toHaveText("10 photos");

  // Accepted answers are listed apart, until a person gives a photo its label.
  await page.getByRole("button", { name: "Accept sure answers…" }).click();
  await dialog.getByLabel("The model is at least this sure").selectOption("70 %");
  await accept.click();
  await expect(total(page)).toHaveText("0 photos");
  await page.getByRole("button", { name: "Accepted, not confirmed" }).click();
  await expect(labelled(page, "0")).toHaveCount(10);
  await page.getByRole("listbox", { name: "Photos" }).focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("1");
  await expect(page.getByText("Annotated as 0.")).toBeVisible();
  await expect(async () => {
    await page.getByRole("button", { name: "All photos" }).click();
    await page.getByRole("button", { name: "Accepted, not confirmed" }).click();
    await expect(total(page)).toHaveText("9 photos", { timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
});
