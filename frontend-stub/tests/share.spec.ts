import { type Photos, taught } from "./photos";
import type { Server } from "./server";
import { expect, expectUsable, test } from "./page";

/** Create a trained function that anyone may invoke. */
async function shared(server: Server, name: string, digits: Photos): Promise<string> {
  const id = await taught(server, name, digits, 10, ["1", "4"]);
  await publish(server, id, "PUBLIC");
  await expect
    .poll(async () => {
      const query = "query($id: ID!) { function(id: $id) { state } }";
      return (await server.ask<{ function: { state: string } }>(query, { id })).function.state;
    })
    .toBe("READY");
  return id;
}

async function publish(server: Server, id: string, visibility: string): Promise<void> {
  await server.ask(
    "mutation($input: UpdateFunctionInput!) { updateFunction(input: $input) { function { id } } }",
    { input: { id, visibility } },
  );
}

test("anyone asks a public function about a photo on its own page, until it is private", async ({
  page,
  context,
  server,
  digits,
  complaints,
}) => {
  const id = await shared(server, "Ones & fours", digits);
  await page.goto(`/#/functions/${id}/use`);
  const card = page.getByRole("region", { name: "Page to share" });
  await expect(card.getByRole("img", { name: "QR code of the link" })).toBeVisible();
  const address = (await card.getByRole("link").getAttribute("href")) ?? "";
  expect(address).toBe(`${server.url}/f/${id}`);

  await context.clearCookies();
  await page.goto(address);
  await expect(page.getByRole("heading", { name: "Ones & fours" })).toBeVisible();
  await page.locator("#file").setInputFiles(digits.of("4", 20, 21));
  const answer = page.getByRole("status");
  await expect(answer).toContainText(/^[14](> )?\d+ % sure: (accepted|a person|unlike)/);
  await expect(page.getByAltText("Your photo")).toBeVisible();
  await expectUsable(page);

  await publish(server, id, "PRIVATE");
  await page.locator("#file").setInputFiles(digits.of("1", 20, 21));
  await expect(answer).toHaveText("This is no longer shared. Ask its owner for a new link.");
  await page.reload();
  await expect(page.getByRole("heading")).toHaveText("Nothing is shared at this address");
  await expect(page.locator("body")).not.toContainText("Ones & fours");
  await page.goto("/f/fn_00000000000000000000000000000000");
  await expect(page.getByRole("heading")).toHaveText("Nothing is shared at this address");

  // The browser itself reports each 404, and nothing else.
  expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
  complaints.length = 0;
});
