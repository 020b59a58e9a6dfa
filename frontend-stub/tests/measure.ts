import { gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { addUnknown, taught, withMany } from "./photos";
import { expect, shown, test } from "./page";

/** The time between key presses of a fast person, and between those of a key held down. */
const PACES = { "two a second": 500, "ten a second": 100 };
const PRESSES = 60;

test("first load", async ({ page }) => {
  let bytes = 0;
  page.on("response", (response) => {
    if (response.request().resourceType() !== "script") return;
    void response.body().then((body) => (bytes += gzipSync(body).length));
  });
  await page.goto("/");
  await page.waitForLoadState("networkidle");
  print({ "first load, kB of compressed JavaScript": Math.round(bytes / 1000) });
});

test("key presses in Annotate", async ({ page, server, digits }) => {
  const id = await taught(server, "Measured", digits, 3);
  for (const label of digits.labels) await addUnknown(server, id, digits.of(label, 10, 34));
  await page.goto(`/#/functions/${encodeURIComponent(id)}/annotate`);
  await expect(page.getByText(/^Version \d+ is in use$/).first()).toBeVisible();
  await expect(shown(page).locator("img").last()).toBeVisible();
  for (const [pace, apart] of Object.entries(PACES)) {
    const times: number[] = [];
    for (let press = 0; press < PRESSES; press++) {
      times.push(await page.evaluate(pressAndDraw, String((press % 9) + 1)));
      await page.waitForTimeout(apart);
    }
    print({ [`key to next photo, ${pace}, ms at p50 and p95`]: percentiles(times) });
    const presented = await eventTimes(page, apart);
    print({ [`the same by the browser's Event Timing, ${pace}`]: percentiles(presented) });
  }
});

/**
 * Press real keys; returns the milliseconds until the frame after each, as the browser reports
 * them.
 *
 * The browser rounds to 8 ms and omits events faster than 16 ms, which count as 16 here.
 * https://www.w3.org/TR/event-timing/
 */
async function eventTimes(page: Page, apart: number): Promise<number[]> {
  const slow = await page.evaluateHandle(() => {
    const durations: number[] = [];
    const keep = (list: PerformanceObserverEntryList): void => {
      for (const { name, duration } of list.getEntries())
        if (name === "keydown") durations.push(duration);
    };
    const least = { type: "event", durationThreshold: 16 } as PerformanceObserverInit;
    new PerformanceObserver(keep).observe(least);
    return durations;
  });
  for (let press = 0; press < PRESSES; press++) {
    await page.keyboard.press(String((press % 9) + 1));
    await page.waitForTimeout(apart);
  }
  const times = await slow.jsonValue();
  return [...times, ...Array<number>(PRESSES - times.length).fill(16)];
}

test("scrolling through ten thousand photos", async ({ page, server }) => {
  const id = await withMany(server, "Long", 10_000);
  await page.goto(`/#/functions/${encodeURIComponent(id)}/samples`);
  await expect(page.getByRole("listbox", { name: "Photos" }).locator("img").first()).toBeVisible();
  for (const pixels of [30, 120]) {
    const frames = await page.evaluate(scroll, pixels);
    print({
      [`frames while scrolling ${pixels} pixels each, ms at p50 and p95`]: percentiles(frames),
    });
  }
  const start = Date.now();
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  await expect(page.locator('[data-index="9999"] img')).toBeVisible();
  print({ "scrollbar to the end until its photos are there, ms": Date.now() - start });
});

/** Scroll during 300 frames; returns how long each took, in milliseconds. */
async function scroll(pixels: number): Promise<number[]> {
  const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
  const times: number[] = [];
  let before = await frame();
  for (let count = 0; count < 300; count++) {
    window.scrollBy(0, pixels);
    const now = await frame();
    times.push(now - before);
    before = now;
  }
  return times;
}

test("zooming a map of twenty thousand photos", async ({ page, server, digits }) => {
  const id = await taught(server, "Mapped", digits, 3);
  await page.route("**/graphql", async (route) => {
    const { query, variables } = (route.request().postDataJSON() ?? {}) as Asked;
    if (query?.includes("sampleMap") !== true) return route.continue();
    await route.fulfill({ json: mapPage(Number(variables?.after ?? 0)) });
  });
  await page.goto(`/#/functions/${encodeURIComponent(id)}/map`);
  await expect(page.getByText("20,000 photos", { exact: true })).toBeVisible({ timeout: 60_000 });
  const frames = await page.locator("canvas").evaluate(wheel);
  print({ "frames while zooming 20,000 points, ms at p50 and p95": percentiles(frames) });
});

interface Asked {
  query?: string;
  variables?: { after?: string | null };
}

/** A page of a map of 20,000 made-up points in 10 colours, in place of the server's. */
function mapPage(start: number): object {
  const each = Array.from({ length: 1_000 }, (_, at) => start + at);
  const end = start + each.length;
  const sampleMap = {
    sampleIds: each.map((at) => `sm_${at}`),
    x: each.map((at) => Math.sin(at * 12.9898)),
    y: each.map((at) => Math.sin(at * 78.233)),
    labelIds: each.map(() => null),
    predictedLabelIds: each.map(() => null),
    confidences: each.map((at) => (at % 10) / 10),
    version: 1,
    endCursor: end < 20_000 ? String(end) : null,
  };
  return { data: { function: { sampleMap } } };
}

/** Turn the wheel in each of 120 frames; returns how long each took, in milliseconds. */
async function wheel(canvas: Element): Promise<number[]> {
  const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const middle = { clientX: left + width / 2, clientY: top + height / 2 };
  const times: number[] = [];
  let before = await frame();
  for (let count = 0; count < 120; count++) {
    const deltaY = count % 40 < 20 ? -10 : 10;
    canvas.dispatchEvent(new WheelEvent("wheel", { deltaY, ...middle, bubbles: true }));
    const now = await frame();
    times.push(now - before);
    before = now;
  }
  return times;
}

/** Press a key; returns the milliseconds until the frame with the next photo is painted. */
async function pressAndDraw(key: string): Promise<number> {
  const shown = (): HTMLElement | null =>
    document.querySelector<HTMLElement>('[data-sample][aria-hidden="false"]');
  const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
  // A message that is sent while a frame is rendered arrives when it is painted.
  const painted = (): Promise<void> =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve();
      port2.postMessage(null);
    });
  const before = shown()?.dataset["sample"];
  const start = performance.now();
  window.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  await Promise.resolve(); // React updates the page after the event
  while (shown()?.dataset["sample"] === before) await frame();
  await shown()?.querySelector<HTMLImageElement>("img:last-child")?.decode();
  await frame();
  await painted();
  return performance.now() - start;
}

function percentiles(times: number[]): string {
  const sorted = times.toSorted((one, other) => one - other);
  return [0.5, 0.95].map((share) => Math.round(sorted[sorted.length * share] ?? 0)).join(" / ");
}

function print(measured: Record<string, number | string>): void {
  console.log(JSON.stringify(measured));
}
