import { taught } from "./photos";
import { execute } from "./explorer";
import { expect, test } from "./page";

test("GraphiQL runs our query and subscription, and shows the docs", async ({
  page,
  server,
  digits,
}) => {
  await server.clear(); // the editor draws only the lines in view
  const id = await taught(server, "Explored", digits, 3, ["1", "2"]);

  await page.goto("/graphql");
  await expect(page.getByRole("tab", { name: "Functions" })).toBeVisible();
  await execute(page);
  const answer = page.locator(".graphiql-response");
  await expect(answer).toContainText("Explored");

  await page.getByRole("tab", { name: "Watch" }).click();
  await page.getByRole("button", { name: "Variables" }).click();
  await expect(page.locator(".graphiql-editor-tool .monaco-editor").first()).toContainText(id);
  await page.locator(".graphiql-execute-button").click();
  await expect(answer).toContainText("Explored");
  await server.ask(
    "mutation($input: UpdateFunctionInput!) { updateFunction(input: $input) { errors { message } } }",
    {
      input: { id, name: "Renamed" },
    },
  );
  await expect(answer).toContainText("Renamed");
  await page.locator(".graphiql-execute-button").click();

  await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
  await expect(page.getByText("Root Types")).toBeVisible();
  await page.getByRole("button", { name: "Show History" }).click();
  await expect(page.locator(".graphiql-history-item").first()).toBeVisible();
});
