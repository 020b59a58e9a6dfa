import { addUnknown, drop, taught } from "./photos";
import { expect, labelled, test, total } from "./page";

test("folders become labels, many photos are changed at once, and undo restores them", async ({
  page,
  digits,
}) => {
  await page.goto("/");
  await page.getByRole("button", { name: "New function" }).click();
  await page.getByLabel("Name").fill("Digits");
  await page.getByLabel("Labels").fill("0, 1");
  await page.getByRole("button", { name: "Create function" }).click();

  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Add a folder" }).click();
  await (await chooser).setFiles(digits.folder);
  await expect(page.getByText("400 photos in 10 folders:")).toBeVisible();
  await page.getByRole("button", { name: "Annotate by folder" }).click();
  await expect(page.getByText("400 photos added.")).toBeVisible({ timeout: 120_000 });
  const accuracy = page.getByRole("region", { name: "Accuracy", exact: true });
  await expect(accuracy.getByRole("listitem")).toHaveCount(10);
  await expect(accuracy.getByText("between").first()).toBeAttached({ timeout: 120_000 });

  // Filters are in the address, so the same photos are shown after a reload.
  await page.getByLabel("Annotated as").selectOption("7");
  await expect(total(page)).toHaveText("40 photos");
  await page.reload();
  await expect(total(page)).toHaveText("40 photos");

  // Only the keyboard: select four photos, annotate them, undo.
  await page.getByRole("listbox", { name: "Photos" }).focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await expect(page.getByRole("toolbar").getByText("4 photos chosen")).toBeVisible();
  await page.keyboard.press("1");
  await expect(page.getByText("4 photos annotated as 0.")).toBeVisible();
  await expect(labelled(page, "0")).toHaveCount(4);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(labelled(page, "0")).toHaveCount(0);

  // A deletion can be undone.
  await page.getByRole("listbox", { name: "Photos" }).focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("Delete");
  await expect(total(page)).toHaveText("39 photos");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(total(page)).toHaveText("40 photos");

  // Deleting many at once needs confirmation.
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.getByRole("dialog", { name: "Delete 40 photos?" }).press("Escape");
  await expect(total(page)).toHaveText("40 photos");
  await page.keyboard.press("Delete");
  await page.getByRole("button", { name: "Delete 40 photos" }).click();
  await expect(total(page)).toHaveText("0 photos");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(total(page)).toHaveText("40 photos");

  // Open a photo large, and its neighbours with the arrow keys.
  await page.getByRole("listbox", { name: "Photos" }).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog").getByRole("heading", { name: "Photo 1" })).toBeVisible();
  await page.keyboard.press("Enter"); // a key that is held down does not annotate the photo
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("dialog").getByRole("heading", { name: "Photo 2" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
});

test("several photos are annotated at once", async ({ page, server, digits }) => {
  const id = await taught(server, "Several", digits, 3, ["3", "8"]);
  await addUnknown(server, id, digits.of("3", 10, 20));

  await page.goto(`/#/functions/${encodeURIComponent(id)}/annotate`);
  await expect(page.getByText("6 annotated, 10 photos left")).toBeVisible();
  await page.getByRole("button", { name: "Several at once" }).click();
  const photos = page.getByRole("group", { name: "Photos to annotate" }).getByRole("button");
  await expect(photos).toHaveCount(10);
  await page.keyboard.press("Control+a");
  await expect(page.getByText("10 photos chosen.")).toBeVisible();
  await page.keyboard.press("Escape");

  // Select a range by Shift, by arrows, and by dragging.
  await photos.nth(1).click();
  await photos.nth(4).click({ modifiers: ["Shift"] });
  await expect(page.getByText("4 photos chosen.")).toBeVisible();
  await page.keyboard.press("Escape");
  await photos.nth(0).focus();
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await expect(page.getByText("3 photos chosen.")).toBeVisible();
  await page.keyboard.press("Escape");
  await photos.nth(2).hover();
  await page.mouse.down();
  await photos.nth(3).hover();
  await photos.nth(4).hover();
  await page.mouse.up();
  await expect(page.getByText("3 photos chosen.")).toBeVisible();
  await page.keyboard.press("Escape");

  await photos.nth(0).click();
  await photos.nth(1).click();
  await page.keyboard.press("1");
  await expect(page.getByText("8 annotated, 8 photos left")).toBeVisible();
  await page.keyboard.press("Control+z");
  await expect(page.getByText("6 annotated, 10 photos left")).toBeVisible();
});

test("photos of invocations are kept if the setting says so", async ({ page, server, digits }) => {
  const id = await taught(server, "Kept from questions", digits, 3, ["3", "8"]);

  await page.goto(`/#/functions/${encodeURIComponent(id)}/settings`);
  await page.getByLabel("Keep photos that it is asked about").check();
  await page.getByLabel("those it is unsure of").selectOption({ label: "however sure" });
  await page.getByLabel("at most a day").fill("1");
  await page.getByLabel("Learn from photos without a label too").uncheck();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Settings saved.")).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("at most a day")).toHaveValue("1");
  await expect(page.getByLabel("Learn from photos without a label too")).not.toBeChecked();

  await page.getByRole("link", { name: "Invoke" }).click();
  await expect(page.getByText(/^Version \d+ is in use$/).first()).toBeVisible();
  await drop(page, digits.of("3", 20, 22));
  await expect(page.getByRole("list", { name: "Most likely labels" })).toHaveCount(2);
  await page.getByRole("link", { name: "Samples" }).click();
  await page.getByRole("button", { name: "Kept from questions" }).click();
  await expect(total(page)).toHaveText("1 photo");
});

test("unsaved text in the settings is kept, and the focus is never hidden under the header", async ({
  page,
  server,
  digits,
}) => {
  const id = await taught(server, "Half typed", digits, 0, ["3", "8"]);

  await page.goto(`/#/functions/${encodeURIComponent(id)}/settings`);
  await page.getByLabel("Description").fill("Half a sen");
  await page.getByLabel("Name of 8").fill("eight");
  await page.getByRole("link", { name: "Samples" }).click();
  await expect(page.getByRole("heading", { name: "Samples" })).toBeVisible();
  await page.getByRole("link", { name: "Settings" }).click();
  await expect(page.getByLabel("Description")).toHaveValue("Half a sen");
  await expect(page.getByLabel("Name of 8")).toHaveValue("eight");
  await page.getByRole("button", { name: "Discard changes" }).click();
  await expect(page.getByLabel("Description")).toHaveValue("");

  await page.getByRole("button", { name: "Delete function" }).focus();
  for (let back = 0; back < 14; back++) {
    await page.keyboard.press("Shift+Tab");
    const hidden = await page.evaluate(() => {
      const focus = document.querySelector("main :focus");
      const bars = document.querySelector("nav")?.parentElement ?? null;
      if (focus === null || bars === null) return false;
      return focus.getBoundingClientRect().top < bars.getBoundingClientRect().bottom;
    });
    expect(hidden, `${back + 1} steps back`).toBe(false);
  }
});

test("labels are renamed, merged and added, and a function is deleted by its name", async ({
  page,
  server,
  digits,
}) => {
  const id = await taught(server, "Settings", digits, 2, ["3", "8"]);

  await page.goto(`/#/functions/${encodeURIComponent(id)}/settings`);
  await page.getByLabel("Name of 3").fill("three");
  await page.getByLabel("What 3 looks like").fill("two arcs, one on the other");
  await page.getByRole("button", { name: "Save label" }).click();
  await expect(page.getByLabel("Name of three")).toBeVisible();
  await expect(page.getByLabel("What three looks like")).toHaveValue("two arcs, one on the other");
  await page.getByRole("button", { name: "New label" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("nine");
  await page.getByRole("button", { name: "Add label" }).click();
  await expect(page.getByLabel("Name of nine")).toBeVisible();
  await page.getByRole("button", { name: "Delete 8" }).click();
  await page.getByLabel("Their annotations").selectOption({ label: "become three" });
  await page.getByRole("button", { name: "Delete label" }).click();
  await expect(page.getByLabel("Name of 8")).toBeHidden();
  await expect(
    page.getByRole("region", { name: "Labels" }).getByRole("listitem").first(),
  ).toContainText("4 photos");
  await page.getByRole("button", { name: "Delete function" }).click();
  await expect(page.getByRole("button", { name: "Delete for good" })).toBeDisabled();
  await page.getByLabel("Type “Settings” to confirm").fill("Settings");
  await page.getByRole("button", { name: "Delete for good" }).click();
  await expect(page.getByRole("heading", { name: "Functions" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Settings" })).toBeHidden();
});
