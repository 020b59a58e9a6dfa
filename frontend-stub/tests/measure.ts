import { gzipSync } from "node:zlib";
import { addUnknown, taught } from "./photos";
import { expect, test } from "./page";

const PRESSES = 100;

test("first load and key presses", async ({ page, server, digits }) => {
  let bytes = 0;
  page.on("response", (response) => {
    if (response.request().resourceType() !== "script") return;
    void response.body().then((body) => (bytes += gzipSync(body).length));
  });
  await page.goto("/");
  await page.waitForLoadState("networkidle");
  const firstLoad = bytes;

  const id = await taught(server, "Measured", digits, 3);
  for (const label of digits.labels) await addUnknown(server, id, digits.of(label, 10, 24));
  await page.goto(`/#/functions/${encodeURIComponent(id)}/annotate`);
  await expect(page.locator(".frame.now img").last()).toBeVisible();
  const times: number[] = [];
  for (let press = 0; press < PRESSES; press++) {
    times.push(await page.evaluate(pressAndDraw, String((press % 9) + 1)));
    await page.waitForTimeout(100);
  }
  times.sort((one, other) => one - other);
  console.log(
    JSON.stringify({
      "first load, kB of compressed JavaScript": Math.round(firstLoad / 1000),
      "key to next photo, ms at p50": Math.round(times[PRESSES / 2] ?? 0),
      "key to next photo, ms at p95": Math.round(times[PRESSES * 0.95] ?? 0),
    }),
  );
});

/** Press a key; the milliseconds until the next photo is decoded and a frame is drawn with it. */
async function pressAndDraw(key: string): Promise<number> {
  const shown = (): HTMLElement | null => document.querySelector<HTMLElement>(".frame.now");
  const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
  const before = shown()?.dataset["sample"];
  const start = performance.now();
  window.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  while (shown()?.dataset["sample"] === before) await frame();
  await shown()?.querySelector<HTMLImageElement>("img:last-child")?.decode();
  await frame();
  return performance.now() - start;
}
