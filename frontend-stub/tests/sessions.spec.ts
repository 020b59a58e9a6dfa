import { addUnknown, taught } from "./photos";
import { expect, shown, test } from "./page";

test("a link into the page that requires a login leads there after the login", async ({
  page,
  context,
  server,
  digits,
}) => {
  const id = await taught(server, "Deep", digits, 3, ["4", "5"]);
  await context.clearCookies();

  await page.goto(`/#/functions/${encodeURIComponent(id)}/settings`);
  await expect(page.getByText("Log in to open this address.")).toBeVisible();
  await page.getByLabel("API key").fill(server.key);
  await page.getByRole("button", { name: "Log in" }).click();

  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
});

test("a person who is logged out while annotating is notified and loses nothing", async ({
  page,
  context,
  server,
  digits,
  complaints,
}) => {
  const id = await taught(server, "Interrupted", digits, 3, ["4", "5"]);
  await addUnknown(server, id, digits.of("4", 10, 20));
  await page.goto(`/#/functions/${encodeURIComponent(id)}/annotate`);
  await expect(page.getByText("6 annotated, 10 photos left")).toBeVisible();
  await expect(shown(page).locator("img").last()).toBeVisible();

  await context.clearCookies();
  await page.keyboard.press("1");
  const dialog = page.getByRole("dialog", { name: "You are logged out" });
  await expect(dialog).toBeVisible();
  await dialog.getByLabel("API key").fill("wrong");
  await dialog.getByRole("button", { name: "Log in" }).click();
  await expect(dialog.getByRole("alert")).toBeVisible();
  await dialog.getByLabel("API key").fill(server.key);
  await dialog.getByRole("button", { name: "Log in" }).click();

  await expect(dialog).toBeHidden();
  await expect(page.getByText("7 annotated, 9 photos left")).toBeVisible();

  // The browser itself reports each refusal, and nothing else.
  expect(complaints.filter((text) => !text.includes("401"))).toEqual([]);
  complaints.length = 0;
});
