import { addAnnotated, addUnknown, named } from "./photos";
import { expect, shown, test } from "./page";

const long = "Category number";

test("forty-one labels with long and right-to-left names fit at every width", async ({
  page,
  server,
  digits,
}) => {
  const names = [
    "مرق",
    "W".repeat(60),
    ...Array.from({ length: 39 }, (_, place) => `${long} with a long name ${place + 1}`),
  ];
  const id = await named(server, "Many names", names);
  for (const name of names.slice(0, 4)) {
    const digit = String(names.indexOf(name));
    await addAnnotated(server, id, name, digits.of(digit, 0, 4));
  }

  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 });
    for (const screen of ["samples", "annotate", "review/confusion", "settings"]) {
      await page.goto(`/#/functions/${encodeURIComponent(id)}/${screen}`);
      await expect(page.getByRole("heading", { level: 1 })).toBeAttached();
      await page.waitForLoadState("networkidle");
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - window.innerWidth,
      );
      expect(over, `${screen} at ${width} scrolls sideways`).toBeLessThanOrEqual(0);
    }
  }
});

test("photo and labels are seen together however many labels there are", async ({
  page,
  server,
  digits,
}) => {
  const names = Array.from({ length: 41 }, (_, place) => `${long} ${place + 1}`);
  const id = await named(server, "Many labels", names);
  await addUnknown(server, id, digits.of("0", 0, 1));

  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`/#/functions/${encodeURIComponent(id)}/annotate`);
  await expect(shown(page).locator("img").last()).toBeVisible();
  await expect(page.getByRole("button", { name: "Skip", exact: true })).toBeInViewport({
    ratio: 1,
  });
  await expect(page.getByRole("button", { name: "New label" })).toBeInViewport({ ratio: 1 });
  expect((await shown(page).boundingBox())?.height).toBeGreaterThanOrEqual(200);

  // An error about one of many names says which one.
  await page.goto("/");
  await page.getByRole("button", { name: "New function" }).click();
  await page.getByLabel("Name").fill("Too long");
  await page.getByLabel("Labels").fill([...names, "L".repeat(101)].join("\n"));
  await page.getByRole("button", { name: "Create function" }).click();
  await expect(page.getByRole("alert")).toContainText(/“L+…L+”: Name must have at most 100/);
});
