import { expect, expectUsable, test } from "./page";
import { addAnnotated, taught } from "./photos";
import type { Server } from "./server";

async function counts(server: Server, id: string): Promise<Record<string, number>> {
  const { function: found } = await server.ask<{
    function: { labels: { nodes: { name: string; sampleCount: number }[] } };
  }>("query($id: ID!) { function(id: $id) { labels { nodes { name sampleCount } } } }", { id });
  return Object.fromEntries(found.labels.nodes.map((label) => [label.name, label.sampleCount]));
}

test("two labels that nothing tells apart become one, and two again", async ({
  page,
  server,
  digits,
}) => {
  const id = await taught(server, "Mixed", digits, 18, ["1", "4"]);
  await addAnnotated(server, id, "uno", digits.of("1", 18, 34));
  await page.goto(`/#/functions/${encodeURIComponent(id)}/review/confusion`);
  const mixedUp = page.getByRole("list", { name: "Labels that are mixed up" });
  const pair = mixedUp.getByRole("listitem").filter({ hasText: "uno" }).filter({ hasText: "1" });
  await expect(pair.first()).toBeVisible({ timeout: 60_000 });
  await expectUsable(page);
  await pair.first().getByRole("button", { name: "Make them one…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText(/16 photos of .?uno.? become .?1.?, which then has 34 photos/);
  await dialog.getByRole("button", { name: "Make them one" }).click();
  await expect.poll(async () => counts(server, id)).toEqual({ "1": 34, "4": 18 });
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(async () => counts(server, id)).toEqual({ "1": 18, "4": 18, uno: 16 });
});
