import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { Locator } from "@playwright/test";
import { expect, expectUsable, test as base } from "./page";
import { python, taught } from "./photos";
import { Server } from "./server";

const root = path.resolve(import.meta.dirname, "../..");
const SAVE =
  "import pathlib, sys; from tests import encoder; " +
  "print(encoder.save_smallest(pathlib.Path(sys.argv[1])))";

/** A server whose functions begin with an encoder that has learned nothing. */
const test = base.extend<object, { server: Server }>({
  server: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const folder = mkdtempSync(path.join(tmpdir(), "pigeonhole-encoder-"));
      const { stdout } = await promisify(execFile)(python, ["-c", SAVE, folder], { cwd: root });
      const server = await Server.start({ PIGEONHOLE_ENCODER: stdout.trim() });
      await use(server);
      await server.remove();
      rmSync(folder, { recursive: true });
    },
    { scope: "worker", timeout: 240_000 },
  ],
});

const WEAK = "CLIP ViT-S-32-alt";

/** Whether the server's function has learned from all annotations. */
async function isTrained(server: Server): Promise<boolean> {
  const { functions } = await server.ask<{ functions: { nodes: { trainingOwed: boolean }[] } }>(
    "{ functions { nodes { trainingOwed } } }",
  );
  return functions.nodes.every(({ trainingOwed }) => !trainingOwed);
}

/** The first photos of a dialog lie beside each other, not on top of each other. */
async function expectSideBySide(dialog: Locator): Promise<void> {
  const photos = dialog.getByRole("img", { name: /^Annotated \d$/ });
  await expect(photos.nth(1)).toBeVisible();
  const places = await photos.evaluateAll((all) =>
    all.slice(0, 2).map((photo) => photo.getBoundingClientRect().left),
  );
  expect(new Set(places).size).toBe(2);
}

test("a function goes to another encoder when a person says so, and back", async ({
  page,
  server,
  digits,
}) => {
  const id = await taught(server, "Moved", digits, 10, ["0", "1", "2", "3"]);
  await expect.poll(() => isTrained(server), { timeout: 120_000 }).toBe(true);
  await page.goto(`/#/functions/${encodeURIComponent(id)}/settings`);
  const card = page.getByRole("region", { name: "Encoder" });
  await expect(card.getByText(`The function sees photos with ${WEAK}.`)).toBeVisible();

  // It is started by keys alone.
  await card.getByText("All encoders").focus();
  await page.keyboard.press("Enter");
  await expect(
    card.getByText("pigeonhole encoder fetch ViT-B-32-256/datacomp_s34b_b86k"),
  ).toBeVisible();
  await expectUsable(page);
  await card.getByRole("button", { name: "Try it: the bundled encoder" }).focus();
  await page.keyboard.press("Enter");
  const question = page.getByRole("dialog", { name: "Try the bundled encoder on Moved?" });
  await expect(question.getByText(/^40 photos are read again/)).toBeVisible();
  await expectUsable(page);
  await question.getByLabel("Use it, unless it does worse on these photos").focus();
  await page.keyboard.press("ArrowDown");
  await question.getByRole("button", { name: "Start" }).press("Enter");

  // It waits for a person, who sees how the two compare.
  const open = card.getByRole("group", { name: "Change to the bundled encoder" });
  await expect(open.getByRole("status")).toHaveText(
    "The bundled encoder is ready. The new encoder gets more of your photos right.",
    { timeout: 120_000 },
  );
  await expect(
    open.getByText(/^Of 40 photos that neither had learned from, \d+ become right/),
  ).toBeVisible();
  await expect(open.getByRole("row", { name: /^Right answers [\d.]+ % [\d.]+ %$/ })).toBeVisible();
  await expectUsable(page);
  await open.getByRole("button", { name: "Show these photos" }).click();
  const flipped = page.getByRole("dialog", { name: "What another encoder changes" });
  await expectSideBySide(flipped);
  await expectUsable(page);
  await page.keyboard.press("Escape");

  await open.getByRole("button", { name: "Switch to the bundled encoder" }).click();
  await expect(card.getByText("The function sees photos with the bundled encoder.")).toBeVisible();
  await expectUsable(page);

  // Its versions of before and after can be compared too.
  await page.goto(`/#/functions/${encodeURIComponent(id)}/review/versions`);
  await page.getByText(/more versions? of this sitting$/).click();
  await page
    .getByRole("button", { name: /^Compare/ })
    .first()
    .click();
  await expectSideBySide(page.getByRole("dialog", { name: /^What changed since version/ }));
  await page.goto(`/#/functions/${encodeURIComponent(id)}/settings`);
  await card.getByRole("button", { name: `Go back to ${WEAK}` }).click();
  await expect(card.getByText(`The function sees photos with ${WEAK}.`)).toBeVisible();
});
