import type { Page } from "@playwright/test";
import { withMany } from "./photos";
import { expect, test, total } from "./page";
import type { Server } from "./server";

const MANY = 10_000;

test("a list of ten thousand photos can be scrolled anywhere, and only photos near the view exist", async ({
  page,
  server,
}) => {
  const id = await withMany(server, "Long", MANY);
  await page.goto(`/#/functions/${encodeURIComponent(id)}/samples`);
  await expect(total(page)).toHaveText("10,000 photos");
  await areRight(page, server, 0);

  // With the scrollbar: to the end, to the middle, back to the start.
  for (const [share, row] of [
    [1, MANY - 1],
    [0.5, MANY / 2],
    [0, 0],
  ] as const) {
    await page.evaluate(
      (to) => window.scrollTo(0, to * document.documentElement.scrollHeight),
      share,
    );
    await areRight(page, server, row);
  }

  // With the keyboard: a range includes photos that were not in view.
  await page.getByRole("listbox", { name: "Photos" }).focus();
  await page.keyboard.press("End");
  await areRight(page, server, MANY - 1);
  await page.keyboard.press("PageUp");
  await page.keyboard.press("Home");
  await areRight(page, server, 0);
  await page.keyboard.press("Space");
  await page.keyboard.press("Shift+End");
  await expect(page.getByRole("toolbar").getByText("10,000 photos chosen")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+a");
  await expect(page.getByRole("toolbar").getByText("10,000 photos chosen")).toBeVisible();
});

/** Check that the cell of a row is in view, few others exist, and all show their photos. */
async function areRight(page: Page, server: Server, row: number): Promise<void> {
  const cell = page.locator(`[data-index="${row}"]`);
  await expect(cell).toBeInViewport();
  await expect(cell.locator("img")).toBeVisible();
  await expect(page.locator("[data-index]:not([data-sample])")).toHaveCount(0);
  const cells = await page
    .locator("[data-index]")
    .evaluateAll((all) =>
      all.map((one) => [one.getAttribute("data-index"), one.getAttribute("data-sample")] as const),
    );
  expect(cells.length).toBeLessThan(150);
  const { nodes } = await server.ask<{ nodes: { externalId: string }[] }>(
    "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Sample { externalId } } }",
    { ids: cells.slice(0, 100).map(([, sample]) => sample) },
  );
  // The newest comes first.
  expect(nodes.map(({ externalId }) => externalId)).toEqual(
    cells.slice(0, 100).map(([index]) => `row ${MANY - 1 - Number(index)}`),
  );
}
