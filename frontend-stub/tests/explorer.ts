import { type Page, expect } from "@playwright/test";

/**
 * Executes the document in GraphiQL's editor, and waits for the beginning of a response.
 *
 * GraphiQL draws its button before it listens, so the button is pressed again where nothing came.
 */
export async function execute(page: Page): Promise<void> {
  await expect(page.locator(".graphiql-query-editor .view-line").first()).not.toBeEmpty();
  await expect(async () => {
    await page.locator(".graphiql-execute-button").click();
    await expect(page.locator(".graphiql-response .view-lines")).toContainText("data", {
      timeout: 5_000,
    });
  }).toPass();
}
