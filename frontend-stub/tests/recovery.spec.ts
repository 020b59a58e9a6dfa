import { addUnknown, taught } from "./photos";
import { expect, shown, test } from "./page";

test("a server that never responds is reported, and the request can be repeated", async ({
  page,
  server,
}) => {
  await page.clock.install();
  await page.route("**/graphql", (route) =>
    route.request().method() === "POST" ? undefined : route.continue(),
  );
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Functions" })).toBeVisible();
  await page.clock.fastForward(31_000);
  await expect(page.getByText("The server does not answer.")).toBeVisible();

  await page.unroute("**/graphql");
  await server.clear();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("Teach your first function")).toBeVisible();
});

test("an unreachable server is reported, nothing is lost, and the page recovers by itself", async ({
  page,
  server,
  digits,
  complaints,
}) => {
  const id = await taught(server, "Lost", digits, 3, ["4", "5"]);
  await addUnknown(server, id, digits.of("4", 10, 20));
  await page.goto(`/#/functions/${encodeURIComponent(id)}/annotate`);
  await expect(page.getByText("6 annotated, 10 photos left")).toBeVisible();
  await expect(shown(page).locator("img").last()).toBeVisible();

  await server.stop();
  await expect(page.getByText("Connection lost, trying again.")).toBeVisible();
  await page.keyboard.press("1");
  await page.keyboard.press("1");
  await page.keyboard.press("1");
  await expect(page.getByText("3 annotations not saved yet.")).toBeVisible();

  await server.start();
  await expect(page.getByText("Connection lost, trying again.")).toBeHidden();
  await expect(page.getByText("9 annotated, 7 photos left")).toBeVisible();
  await expect(page.getByText("not saved yet")).toBeHidden();

  // The browser itself reports unreachable URLs, and nothing else.
  expect(complaints.filter((text) => !/ERR_|WebSocket/.test(text))).toEqual([]);
  complaints.length = 0;
});
