import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { drop, taught } from "./photos";
import { expect, expectUsable, test } from "./page";

test("many photos are answered in a table, which is sorted, filtered and saved as CSV", async ({
  page,
  server,
  digits,
}) => {
  const id = await taught(server, "Sorted", digits, 10, ["1", "4"]);
  const broken = path.join(mkdtempSync(path.join(tmpdir(), "pigeonhole-")), "=broken.png");
  writeFileSync(broken, "not a picture");
  let asked = 0;
  await page.route("**/graphql", async (route) => {
    const isInvoke = route.request().postData()?.includes("mutation Invoke") ?? false;
    if (!isInvoke || ++asked > 1) return route.continue();
    const extensions = { code: "RATE_LIMITED", retryAfter: "1" };
    await route.fulfill({ json: { errors: [{ message: "Too fast.", extensions }] } });
  });
  await page.goto(`/#/functions/${encodeURIComponent(id)}/invoke`);
  await expect(page.getByRole("heading", { name: "Ask it about a photo" })).toBeVisible();

  await drop(page, [...digits.of("1", 10, 20), ...digits.of("4", 10, 20), broken]);
  const table = page.getByRole("region", { name: "Table of answers" });
  await expect(table.getByText("20 of 21 photos answered, 1 failed")).toBeVisible();
  expect(asked).toBe(22); // the refused request was repeated
  await expect(table.getByRole("row")).toHaveCount(22);

  // The failed photo says why; it cannot succeed later, so it is not offered again.
  await table.getByRole("button", { name: "Failed 1" }).click();
  await expect(table.getByRole("row")).toHaveCount(2);
  await expect(table.getByRole("row", { name: /=broken.png/ })).toContainText(/not|image/);
  await expect(table.getByRole("button", { name: /again/ })).toHaveCount(0);
  await table.getByRole("button", { name: "All 21" }).click();

  // The most confident answer is first after two presses, and the failed photo last.
  await table.getByRole("button", { name: "Confidence" }).click();
  await table.getByRole("button", { name: "Confidence" }).click();
  await expect(table.getByRole("columnheader", { name: "Confidence" })).toHaveAttribute(
    "aria-sort",
    "descending",
  );
  await expect(table.getByRole("row").last()).toContainText("=broken.png");

  const saving = page.waitForEvent("download");
  await table.getByRole("button", { name: "Download CSV" }).click();
  const file = await saving;
  expect(file.suggestedFilename()).toBe("Sorted answers.csv");
  const lines = readFileSync(await file.path(), "utf8")
    .trimEnd()
    .split("\r\n");
  expect(lines).toHaveLength(22);
  expect(lines[1]).toMatch(/^".+\.png","[14]",0\.\d{4},(ACCEPT|REVIEW|NONE_OF_THESE),"",\d+,/);
  expect(lines[21]).toMatch(/^"'=broken\.png","",,FAILED,/);

  // A row leads to the whole answer, which can be corrected.
  await table.getByRole("row").nth(1).getByRole("button").click();
  const answer = page.getByRole("dialog");
  await answer.getByRole("button", { name: "This is right" }).click();
  await expect(answer.getByText("Added to the samples as")).toBeVisible();
  await answer.getByRole("button", { name: "Close" }).click();
  await expectUsable(page);
});

test("a person stops many questions, and asks the rest later", async ({ page, server, digits }) => {
  const id = await taught(server, "Stopped", digits, 5, ["1", "4"]);
  let isBusy = true;
  await page.route("**/graphql", async (route) => {
    const isInvoke = route.request().postData()?.includes("mutation Invoke") ?? false;
    if (!isInvoke || !isBusy) return route.continue();
    const extensions = { code: "OVERLOADED", retryAfter: "60" };
    await route.fulfill({ json: { errors: [{ message: "Busy.", extensions }] } });
  });
  await page.goto(`/#/functions/${encodeURIComponent(id)}/invoke`);
  await expect(page.getByRole("heading", { name: "Ask it about a photo" })).toBeVisible();
  await drop(page, digits.of("1", 10, 18));
  await expect(page.getByText("waiting, as the server asked for a pause")).toBeVisible();

  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await expect(page.getByText("0 of 8 photos answered, 8 failed")).toBeVisible();
  isBusy = false;
  await page.getByRole("button", { name: "Ask 8 photos again" }).click();
  await expect(page.getByText("8 of 8 photos answered")).toBeVisible();
});
