import { Server } from "./server";
import { taught } from "./photos";
import { execute } from "./explorer";
import { expect, test as base } from "./page";

/** A server below a path of its public URL, as behind a proxy that does not strip the path. */
const test = base.extend<object, { server: Server }>({
  server: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const server = await Server.start({}, "/a/path");
      await use(server);
      await server.remove();
    },
    { scope: "worker", timeout: 180_000 },
  ],
});

test("everything works below a path", async ({ page, context, server, digits }) => {
  await taught(server, "Placed", digits, 3, ["1", "2"]);
  await context.clearCookies();

  await page.goto(server.url);
  await page.getByLabel("API key").fill(server.key);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("link", { name: /Placed/ }).click();
  await expect(page.getByRole("button", { name: "All photos 6" })).toBeVisible();
  const photo = page.locator("img[src*='/a/path/pictures/']").first();
  await expect(photo).toHaveJSProperty("complete", true);
  expect(await photo.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(
    0,
  );
  await page.getByRole("link", { name: "Use it" }).click();
  await expect(page.locator("pre")).toContainText(`${server.url}/v1/functions/`);

  await page.getByRole("link", { name: "API", exact: true }).click();
  await execute(page);
  await expect(page.locator(".graphiql-response")).toContainText("Placed");
  await page.getByRole("link", { name: "Pigeonhole" }).click();
  await page.getByRole("button", { name: "Log out" }).click();
  await expect(page).toHaveURL(`${server.url}/login`);
});
