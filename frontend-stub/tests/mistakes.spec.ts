import { addAnnotated, taught } from "./photos";
import { expect, test } from "./page";
import type { Server } from "./server";

/** Return how many samples the newest model was trained on. */
async function learntFrom(server: Server, id: string): Promise<number> {
  const { function: found } = await server.ask<{
    function: { trainingRuns: { nodes: { state: string; sampleCount: number }[] } };
  }>(
    "query($id: ID!) { function(id: $id) { trainingRuns(first: 100) { nodes { state sampleCount } } } }",
    { id },
  );
  const done = found.trainingRuns.nodes.filter(({ state }) => state === "SUCCEEDED");
  return Math.max(0, ...done.map(({ sampleCount }) => sampleCount));
}

test("a label that is kept against the model's doubt stays kept, for everyone", async ({
  page,
  browser,
  server,
  digits,
}) => {
  const id = await taught(server, "Kept", digits, 12, ["0", "1"]);
  await addAnnotated(server, id, "1", digits.of("0", 20, 22));
  // The doubted samples are final once a model was trained on all samples.
  await expect.poll(async () => learntFrom(server, id), { timeout: 120_000 }).toBe(12 * 2 + 2);
  const address = `/#/functions/${encodeURIComponent(id)}/review/mistakes`;

  await page.goto(address);
  const mistakes = page.locator("main [data-sample]");
  await expect(async () => {
    await page.reload();
    await expect(page.getByText(/^Version \d+ is in use$/).first()).toBeVisible();
    await expect(mistakes.nth(1)).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 120_000 });
  const before = await mistakes.count();
  const [first = "", second = ""] = await mistakes.evaluateAll((cards) =>
    cards.map((card) => card.getAttribute("data-sample") ?? ""),
  );

  // By keyboard: keep the first, and the focus moves to the one that takes its place.
  await mistakes.first().getByRole("button", { name: /^Keep/ }).focus();
  await page.keyboard.press("Enter");
  await expect(mistakes).toHaveCount(before - 1);
  await expect(page.locator(`[data-sample="${second}"] button`).first()).toBeFocused();

  const other = await browser.newContext({ baseURL: server.url });
  await other.request.post("/login", { data: { key: server.key } });
  const theirs = await other.newPage();
  await expect(async () => {
    await theirs.goto(address);
    await theirs.reload();
    await expect(theirs.locator(`[data-sample="${second}"]`)).toBeVisible({ timeout: 2_000 });
    await expect(theirs.locator(`[data-sample="${first}"]`)).toHaveCount(0);
  }).toPass({ timeout: 60_000 });
  await other.close();

  await page.getByRole("button", { name: "Undo" }).click();
  await expect(mistakes).toHaveCount(before);
});
