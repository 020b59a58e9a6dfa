import { readFileSync } from "node:fs";
import { expect, expectUsable, test } from "./page";
import { taught } from "./photos";

const INVOKE = `mutation($input: InvokeInput!) { invoke(input: $input) {
  invocation { id } errors { message } } }`;

test("what it was asked is shown over time, and photos that were kept are labelled, the least sure first", async ({
  page,
  server,
  digits,
}) => {
  const id = await taught(server, "Watched", digits, 10, ["1", "4"]);
  const address = `/#/functions/${encodeURIComponent(id)}/monitoring`;
  await expect
    .poll(async () => {
      const query = "query($id: ID!) { function(id: $id) { state } }";
      return (await server.ask<{ function: { state: string } }>(query, { id })).function.state;
    })
    .toBe("READY");
  await page.goto(address);
  await expect(page.getByRole("heading", { name: "Not asked about a photo" })).toBeVisible();

  const capture = { enabled: true, below: 0, randomShare: 1 };
  await server.ask(
    "mutation($input: UpdateFunctionInput!) { updateFunction(input: $input) { errors { message } } }",
    { input: { id, capture } },
  );
  for (const file of [...digits.of("4", 20, 26), ...digits.of("1", 20, 26)]) {
    const dataUri = `data:image/png;base64,${readFileSync(file).toString("base64")}`;
    await server.ask(INVOKE, { input: { functionId: id, image: { dataUri } } });
  }

  await page.reload();
  await expect(page.getByRole("heading", { name: "Asked about 12 photos" })).toBeVisible();
  await page.getByText("Asked about 12 photos as a table").click();
  const table = page.getByRole("region", { name: "Asked about 12 photos, table" });
  await expect(table.getByRole("row")).toHaveCount(2);
  await expect(table.getByRole("cell").first()).toHaveText("12");
  await page.getByRole("link", { name: "24 hours" }).click();
  await expect(page.getByRole("heading", { name: "Asked about 12 photos" })).toBeVisible();

  const waiting = page.locator("main [data-sample]");
  await expect(async () => {
    await page.reload();
    await expect(waiting).toHaveCount(12);
    await expect(page.getByText("% sure")).toHaveCount(12, { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  const sure = await page.getByText("% sure").allTextContents();
  const figures = sure.map((text) => Number(/\d+/.exec(text)));
  expect(figures).toEqual(figures.toSorted((one, other) => one - other));
  await expect(page.getByRole("button", { name: "Random share 12" })).toBeVisible();
  const second = await waiting.nth(1).getAttribute("data-sample");
  await waiting
    .first()
    .getByRole("button", { name: /^It is/ })
    .focus();
  await page.keyboard.press("Enter");
  await expect(waiting).toHaveCount(11);
  await expect(page.locator(`[data-sample="${second}"] button`).first()).toBeFocused();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(waiting).toHaveCount(12);
  await expectUsable(page);
});
