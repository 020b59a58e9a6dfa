import { addUnknown, taught } from "./photos";
import { expect, seriousViolations, test } from "./page";

test("the map shows all photos; a line around some chooses them, and one key gives them a label", async ({
  page,
  server,
  digits,
}) => {
  const id = await taught(server, "Mapped", digits, 4, ["0", "1"]);
  await addUnknown(server, id, digits.of("0", 8, 10));
  await expect
    .poll(async () => {
      const asked = "query ($id: ID!) { function(id: $id) { sampleCounts { embedded } } }";
      const { function: fn } = await server.ask<{
        function: { sampleCounts: { embedded: number } };
      }>(asked, { id });
      return fn.sampleCounts.embedded;
    })
    .toBe(10);
  await page.goto(`/#/functions/${encodeURIComponent(id)}/samples`);
  await page.getByRole("link", { name: "Map" }).click();
  const photos = page.getByRole("button", { name: /^Open the photo/ });
  const zeros = page.getByRole("button", { name: "Open the photo: 0", exact: true });
  await expect(page.getByText("10 photos", { exact: true })).toBeVisible();
  await expect(photos).toHaveCount(10);
  await expect(zeros).toHaveCount(4);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await seriousViolations(page), colorScheme).toEqual([]);
  }

  // A line around everything chooses all; a key annotates them, and undo gives back what was.
  await page.getByRole("button", { name: "Choose with a line" }).click();
  const box = await page.locator("canvas").boundingBox();
  if (box === null) throw new Error("The map has no size.");
  const corners = [[0.01, 0.01], [0.99, 0.01], [0.99, 0.99], [0.01, 0.99]] as const; // prettier-ignore
  for (const [index, [across, down]] of corners.entries()) {
    await page.mouse.move(box.x + across * box.width, box.y + down * box.height, { steps: 4 });
    if (index === 0) await page.mouse.down();
  }
  await page.mouse.up();
  await expect(page.getByRole("toolbar").getByText("10 photos chosen")).toBeVisible();
  await page.keyboard.press("1");
  await expect(page.getByText("10 photos annotated as 0.")).toBeVisible();
  await expect(zeros).toHaveCount(10);
  await page.getByRole("button", { name: "Undo" }).last().click();
  await expect(zeros).toHaveCount(4);
  await page.getByRole("button", { name: "Choose with a line" }).click();

  // Zoom leaves fewer in view; the whole map comes back; a photo opens by keyboard.
  for (let turn = 0; turn < 5; turn++) await page.getByRole("button", { name: "Zoom in" }).click();
  await expect.poll(() => photos.count()).toBeLessThan(10);
  await page.getByRole("button", { name: "Whole map" }).click();
  await expect(photos).toHaveCount(10);
  await zeros.first().focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
});
