import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { dropPaths, taught } from "./photos";
import { expect, test, total } from "./page";

test("folders are dropped with the mouse, with folders in them and more than a hundred photos", async ({
  page,
  server,
  digits,
}) => {
  const id = await taught(server, "Dropped", digits, 0, ["0"]);
  const folder = mkdtempSync(path.join(tmpdir(), "pigeonhole-drop-"));
  const nested = path.join(folder, "by hand", "Sevens");
  const large = path.join(folder, "Others");
  mkdirSync(nested, { recursive: true });
  mkdirSync(large);
  for (const file of digits.of("7", 20, 25)) cpSync(file, path.join(nested, path.basename(file)));
  for (const file of digits.each(13)) cpSync(file, path.join(large, path.basename(file)));
  writeFileSync(path.join(large, "notes.txt"), "not a picture");
  writeFileSync(path.join(large, ".hidden.png"), "not for anybody");

  await page.goto(`/#/functions/${encodeURIComponent(id)}/samples`);
  await expect(page.getByRole("heading", { name: "Add the first photos" })).toBeVisible();
  await dropPaths(page, [path.join(folder, "by hand"), large, ...digits.of("0", 20, 21)]);

  const question = page.getByRole("dialog");
  await expect(question.getByText("136 photos in 2 folders:")).toBeVisible();
  await expect(question.getByRole("listitem")).toHaveText(["Sevens 5", "Others 130"]);
  await expect(page.getByText("1 file left out: not a picture.")).toBeVisible();
  await page.getByRole("button", { name: "Annotate by folder" }).click();
  await expect(page.getByText("136 photos added.")).toBeVisible();
  const { node } = await server.ask<{
    node: { labels: { nodes: { name: string; sampleCount: number }[] } };
  }>(
    "query($id: ID!) { node(id: $id) { ... on Function { labels { nodes { name sampleCount } } } } }",
    { id },
  );
  expect(node.labels.nodes.map(({ name, sampleCount }) => `${name} ${sampleCount}`).sort()).toEqual(
    ["0 0", "Others 130", "Sevens 5"],
  );
  await expect(total(page)).toHaveText("136 photos");
});

test("a folder without photos is reported", async ({ page, server, digits }) => {
  const id = await taught(server, "Empty", digits, 0, ["0"]);
  const folder = mkdtempSync(path.join(tmpdir(), "pigeonhole-empty-"));

  await page.goto(`/#/functions/${encodeURIComponent(id)}/samples`);
  await expect(page.getByRole("heading", { name: "Add the first photos" })).toBeVisible();
  await dropPaths(page, [folder]);

  await expect(page.getByText("There is no photo in it.")).toBeVisible();
  await expect(page.getByText("Drop to add")).toBeHidden();
});
