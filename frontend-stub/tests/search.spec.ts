import type { Page } from "@playwright/test";
import { addUnknown, taught } from "./photos";
import { expect, seriousViolations, test, total } from "./page";
import type { Server } from "./server";

const SEARCH = `query ($id: ID!, $search: SampleSearch, $filter: SampleFilter) {
  function(id: $id) {
    sampleCounts { total embedded }
    samples(first: 100, search: $search, filter: $filter) { nodes { id } }
  }
}`;

interface Answer {
  function: {
    sampleCounts: { total: number; embedded: number };
    samples: { nodes: { id: string }[] };
  };
}

const samplesAt = (id: string): string => `/#/functions/${encodeURIComponent(id)}/samples`;

/** The photos that the API finds, in its order. */
async function found(server: Server, id: string, search: object | null): Promise<string[]> {
  const answer = await server.ask<Answer>(SEARCH, { id, search });
  return answer.function.samples.nodes.map((sample) => sample.id);
}

/** Wait until every photo of a function can be compared. */
async function embedded(server: Server, id: string, photos: number): Promise<void> {
  await expect
    .poll(async () => (await server.ask<Answer>(SEARCH, { id })).function.sampleCounts.embedded, {
      timeout: 120_000,
    })
    .toBe(photos);
}

/** Expect these photos on the page, in this order. */
async function shows(page: Page, ids: string[]): Promise<void> {
  const cells = page.getByRole("listbox", { name: "Photos" }).getByRole("option");
  await expect
    .poll(() => cells.evaluateAll((all) => all.map((cell) => cell.dataset["sample"])))
    .toEqual(ids);
}

test("photos are searched by words while they are typed, beside the filters, in the address", async ({
  page,
  server,
  digits,
}) => {
  const id = await taught(server, "Searched", digits, 4, ["0", "1"]);
  await embedded(server, id, 8);
  await page.goto(samplesAt(id));
  await expect(total(page)).toHaveText("8 photos");
  const box = page.getByRole("searchbox", { name: "Search by what photos show" });

  await page.keyboard.press("/");
  await expect(box).toBeFocused();
  await page.keyboard.type("a wheel");
  await expect(total(page)).toHaveText("8 photos, most similar to “a wheel” first");
  await shows(page, await found(server, id, { words: "a wheel" }));
  await expect(page.getByText(/^All photos are listed/)).toContainText(
    "The bundled encoder knows names of things roughly",
  );
  await expect(page.getByLabel("Order")).toBeHidden();

  // With a filter beside it, after a reload, and without it.
  await page.getByLabel("Annotated as").selectOption("0");
  await expect(total(page)).toHaveText("4 photos, most similar to “a wheel” first");
  await page.reload();
  await expect(box).toHaveValue("a wheel");
  await expect(total(page)).toHaveText("4 photos, most similar to “a wheel” first");
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [390, 1280]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 844 });
      expect(await seriousViolations(page), `${colorScheme} at ${width}`).toEqual([]);
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - window.innerWidth,
      );
      expect(over, `${width} scrolls sideways`).toBeLessThanOrEqual(0);
    }
  }
  await page.getByRole("button", { name: "Remove: “a wheel”" }).click();
  await expect(total(page)).toHaveText("4 photos");
  await page.goBack();
  await expect(total(page)).toHaveText("4 photos, most similar to “a wheel” first");
  await page.getByRole("button", { name: "Remove: Annotated as 0" }).click();
  await expect(total(page)).toHaveText("8 photos, most similar to “a wheel” first");

  // Escape and its button empty the box.
  await box.press("Escape");
  await expect(total(page)).toHaveText("8 photos");
  await expect(box).toHaveValue("");
  await box.fill("a ball");
  await expect(total(page)).toHaveText("8 photos, most similar to “a ball” first");
  await page.getByRole("button", { name: "Clear: Search by what photos show" }).click();
  await expect(total(page)).toHaveText("8 photos");
  await expect(box).toBeFocused();
});

test("more like a photo, by a key, is a list as any other", async ({ page, server, digits }) => {
  const id = await taught(server, "Alike", digits, 0, ["0", "1"]);
  await addUnknown(server, id, digits.each(4, ["0", "1"]));
  await embedded(server, id, 8);
  const [first = "", second = ""] = await found(server, id, null);
  const likeFirst = await found(server, id, { likeSampleId: first });
  await page.goto(samplesAt(id));
  await shows(page, await found(server, id, null));
  const photos = page.getByRole("listbox", { name: "Photos" });

  await photos.focus();
  await page.keyboard.press("=");
  await expect(total(page)).toHaveText("7 photos, most similar to this photo first");
  await shows(page, likeFirst);
  const chip = page.getByRole("button", { name: "Remove: Like this photo" });
  await expect(chip.locator("img")).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await seriousViolations(page)).toEqual([]);
  await page.setViewportSize({ width: 1280, height: 844 });

  // What is like it is chosen, annotated and deleted at once.
  await expect(photos).toBeFocused();
  await page.keyboard.press("Space");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("1");
  await expect(page.getByText("3 photos annotated as 0.")).toBeVisible();
  await page.getByRole("button", { name: /^Annotated/ }).click();
  await shows(page, likeFirst.slice(0, 3));
  await page.getByRole("button", { name: /^All photos/ }).click();
  await shows(page, likeFirst);
  await photos.focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("Delete");
  await shows(page, likeFirst.slice(1));
  await page.getByRole("button", { name: "Undo" }).last().click();
  await shows(page, likeFirst);

  // From an open photo, and back.
  await photos.focus();
  await page.keyboard.press("Control+a");
  await expect(page.getByRole("toolbar").getByText("7 photos chosen")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.locator(`[data-sample="${second}"]`).click();
  await page.getByRole("dialog").getByRole("button", { name: "More like this" }).click();
  await shows(page, await found(server, id, { likeSampleId: second }));
  await page.goBack();
  await shows(page, likeFirst);
  await photos.focus();
  await page.keyboard.press("Escape");
  await expect(total(page)).toHaveText("8 photos");

  // By the mouse, and in the list of keys.
  await page.locator(`[data-sample="${first}"] [data-choose]`).click();
  await page.getByRole("toolbar").getByRole("button", { name: "More like this" }).click();
  await shows(page, likeFirst);
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog").getByText("More like this photo")).toHaveCount(2);
});

test("an answer that comes late changes nothing, and a refusal is said in words", async ({
  page,
  server,
  digits,
}) => {
  const id = await taught(server, "Late", digits, 3, ["0", "1"]);
  await embedded(server, id, 6);
  const words = (text: string) => `"search":{"words":"${text}"}`;
  let answer: () => void = () => undefined;
  const late = new Promise<void>((resolve) => (answer = resolve));
  await page.route("**/graphql", async (route) => {
    const asked = route.request().postData() ?? "";
    if (asked.includes(words("fish"))) await late;
    if (!asked.includes(words("many"))) return route.continue();
    const errors = [{ message: "Too many.", extensions: { code: "LIMIT_REACHED" } }];
    await route.fulfill({ json: { errors, data: null } });
  });
  await page.goto(samplesAt(id));
  await expect(total(page)).toHaveText("6 photos");
  const newestFirst = await found(server, id, null);
  const box = page.getByRole("searchbox", { name: "Search by what photos show" });

  const slow = page.waitForRequest(
    (request) => request.postData()?.includes(words("fish")) === true,
  );
  await box.fill("fish");
  const waited = (await slow).response();
  await shows(page, newestFirst);
  await expect(total(page)).toHaveText("6 photos");
  await box.fill("wheel");
  const wheels = await found(server, id, { words: "wheel" });
  await shows(page, wheels);
  answer();
  await (await waited)?.finished();
  await shows(page, wheels);
  await expect(total(page)).toHaveText("6 photos, most similar to “wheel” first");

  await box.fill("many");
  await expect(page.getByRole("alert")).toHaveText(
    "This function has too many photos for this search. Use filters and file names instead.",
  );
  await expect(page.getByRole("listbox", { name: "Photos" })).toBeHidden();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await shows(page, newestFirst);

  // A photo that is gone, and a filter that nothing meets.
  await page.goto(`${samplesAt(id)}?like=sm_00000000000000000000000000000000`);
  await expect(page.getByRole("alert")).toHaveText("The photo to compare with has been deleted.");
  await page.goto(`${samplesAt(id)}?words=wheel&file=nothing`);
  await expect(page.getByText("No photo matches these filters.")).toBeVisible();
});
