import { addUnknown, taught } from "./photos";
import { expect, labelled, shown, test } from "./page";

test("two people never overwrite each other silently", async ({
  page,
  context,
  server,
  digits,
}) => {
  const id = await taught(server, "Shared", digits, 0, ["4", "5"]);
  await addUnknown(server, id, digits.of("4", 0, 4));
  const address = `/#/functions/${encodeURIComponent(id)}/annotate`;
  const other = await context.newPage();
  for (const one of [page, other]) {
    await one.goto(address);
    await expect(shown(one).locator("img").last()).toBeVisible();
  }

  await other.keyboard.press("1");
  await expect(page.getByText("1 annotated, 3 photos left")).toBeVisible();
  await page.keyboard.press("2");

  await expect(page.getByText("Somebody else has annotated 1 photo as 4 meanwhile")).toBeVisible();
  await page.keyboard.press("Backspace");
  await page.goto(`/#/functions/${encodeURIComponent(id)}/samples`);
  await expect(labelled(page, "4")).toHaveCount(1);
  await expect(labelled(page, "5")).toHaveCount(0);
});
