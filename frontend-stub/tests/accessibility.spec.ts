import { addCopies, addUnknown, taught } from "./photos";
import { execute } from "./explorer";
import { type Excused, expect, seriousViolations, test } from "./page";

const screens = [
  "samples",
  "map",
  "trash",
  "annotate",
  "review/quiz",
  "review/mistakes",
  "review/duplicates",
  "review/confusion",
  "review/versions",
  "invoke",
  "monitoring",
  "use",
  "settings",
];

let functionId = "";

test.beforeAll(async ({ server, digits }) => {
  functionId = await taught(server, "Accessible", digits, 12);
  await addUnknown(server, functionId, digits.of("9", 30, 40));
  await addCopies(server, functionId, "8", digits.of("9", 0, 1));
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 390]) {
    test(`no screen has a serious violation, ${colorScheme} at ${width} pixels`, async ({
      page,
    }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 844 });
      await page.goto("/");
      await expect(page.getByRole("heading", { name: "Functions" })).toBeVisible();
      expect(await seriousViolations(page)).toEqual([]);
      for (const screen of screens) {
        await page.goto(`/#/functions/${encodeURIComponent(functionId)}/${screen}`);
        await expect(page.getByRole("heading", { level: 1 })).toBeAttached();
        await page.waitForLoadState("networkidle");
        expect(await seriousViolations(page), screen).toEqual([]);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - window.innerWidth,
        );
        expect(overflow, `${screen} scrolls sideways`).toBeLessThanOrEqual(0);
      }
    });
  }
}

test("the login page has no serious violation, belongs to the product, and fits a phone", async ({
  page,
  context,
}) => {
  await context.clearCookies();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto("/login");
    await expect(page.getByRole("heading", { name: "Pigeonhole" })).toBeVisible();
    expect(await seriousViolations(page)).toEqual([]);
    const background = await page.evaluate(
      () => getComputedStyle(document.documentElement).backgroundColor,
    );
    expect(background).toBe(colorScheme === "light" ? "rgb(245, 246, 244)" : "rgb(19, 23, 21)");
    const over = await page.evaluate(
      () => document.documentElement.scrollWidth - window.innerWidth,
    );
    expect(over).toBeLessThanOrEqual(0);
  }
});

test("dialogs have no serious violation", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "New function" }).click();
  expect(await seriousViolations(page)).toEqual([]);
  await page.goto(`/#/functions/${encodeURIComponent(functionId)}/samples`);
  await page.getByRole("listbox", { name: "Photos" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
});

// GraphiQL 5 renders its tabs as `<li role="tab">` with buttons inside, which no property changes.
// Each tab and its close button can still be reached and pressed by keyboard.
const nestedTabs: Excused[] = [{ rule: "nested-interactive", selector: "li.graphiql-tab" }];

for (const colorScheme of ["light", "dark"] as const) {
  test(`GraphiQL has no serious violation, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.goto("/graphql");
    await execute(page);
    await expect(page.locator(".graphiql-response")).toContainText("totalCount");
    expect(await seriousViolations(page, nestedTabs)).toEqual([]);

    await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
    await expect(page.getByText("Root Types")).toBeVisible();
    expect(await seriousViolations(page, nestedTabs), "with the documentation").toEqual([]);
  });
}
