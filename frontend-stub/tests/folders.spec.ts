import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { Locator } from "@playwright/test";
import { dropPaths, named, python, taught } from "./photos";
import { expect, seriousViolations, test, total } from "./page";
import type { Server } from "./server";

test("folders are dropped with the mouse, with folders in them and more than a hundred photos", async ({
  page,
  server,
  digits,
}) => {
  const id = await taught(server, "Dropped", digits, 0, ["0"]);
  const folder = temporary();
  const nested = copied(path.join(folder, "by hand", "Sevens"), digits.of("7", 20, 25));
  const large = copied(path.join(folder, "Others"), digits.each(13));
  writeFileSync(path.join(large, "notes.txt"), "not a picture");
  writeFileSync(path.join(large, ".hidden.png"), "not for anybody");

  await page.goto(samples(id));
  await expect(page.getByRole("heading", { name: "Add the first photos" })).toBeVisible();
  await dropPaths(page, [path.dirname(nested), large, ...digits.of("0", 20, 21)]);

  const question = page.getByRole("dialog");
  await expect(question.getByText("136 photos in 2 folders:")).toBeVisible();
  expect(await rows(question)).toEqual([
    "Photos outside of folders 1 photo >  > no label",
    "by hand/Sevens 5 photos > Sevens > new label",
    "Others 130 photos > Others > new label",
  ]);
  await expect(page.getByText("1 file left out: not a picture.")).toBeVisible();
  await page.getByRole("button", { name: "Annotate by folder" }).click();
  await expect(page.getByText("136 photos added.")).toBeVisible();
  expect(await labelsOf(server, id)).toEqual(["0 0", "Others 130", "Sevens 5"]);
  await expect(total(page)).toHaveText("136 photos");
});

test("folders are left out, renamed and mapped to labels before their photos are added", async ({
  page,
  server,
  digits,
}) => {
  const id = await named(server, "Mapped", ["Main courses", "Soups"]);
  const top = path.join(temporary(), "photos");
  copied(top, digits.of("0", 0, 1));
  copied(path.join(top, "MAIN COURSES"), digits.of("1", 0, 2));
  copied(path.join(top, "misc"), digits.of("2", 0, 3));
  copied(path.join(top, "pudding"), digits.of("3", 0, 4));
  copied(path.join(top, "soup"), digits.of("4", 0, 5));

  await page.goto(samples(id));
  await expect(page.getByRole("heading", { name: "Add the first photos" })).toBeVisible();
  await dropPaths(page, [top]);
  const question = page.getByRole("dialog", { name: "Do the folders name the labels?" });
  await expect(question.getByText("15 photos in 5 folders:")).toBeVisible();
  expect(await rows(question)).toEqual([
    "photos 1 photo >  > no label: contains folders",
    "photos/MAIN COURSES 2 photos > Main courses > existing label",
    "photos/misc 3 photos > misc > new label",
    "photos/pudding 4 photos > pudding > new label",
    "photos/soup 5 photos > soup > new label",
  ]);
  await expect(
    question.getByText(
      "14 photos will be annotated. 1 photo will have no label. 3 labels will be created: misc, pudding, soup.",
    ),
  ).toBeVisible();

  await question.getByRole("checkbox", { name: "Add photos/misc" }).uncheck();
  await question.getByRole("combobox", { name: "Label of photos/pudding" }).fill("Desserts");
  await question.getByRole("combobox", { name: "Label of photos/soup" }).fill("soups");
  await expect(question.getByRole("combobox", { name: "Label of photos/misc" })).toBeDisabled();
  expect((await rows(question)).slice(2)).toEqual([
    "photos/misc 3 photos > misc > left out",
    "photos/pudding 4 photos > Desserts > new label",
    "photos/soup 5 photos > soups > existing label",
  ]);
  await expect(
    question.getByText(
      "11 photos will be annotated. 1 photo will have no label. 1 label will be created: Desserts.",
    ),
  ).toBeVisible();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 844 });
      expect(await seriousViolations(page), `${colorScheme} at ${width} pixels`).toEqual([]);
      const over = await question.evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth);
      expect(over, `the dialog scrolls sideways at ${width} pixels`).toBeLessThanOrEqual(0);
    }
  }

  await question.getByRole("button", { name: "Annotate by folder" }).click();
  await expect(page.getByText("12 photos added.")).toBeVisible();
  expect(await labelsOf(server, id)).toEqual(["Desserts 4", "Main courses 2", "Soups 5"]);
  await expect(total(page)).toHaveText("12 photos");
});

test("many folders come in pages, all can be unticked, and folders above can name the labels", async ({
  page,
  server,
  digits,
}) => {
  const id = await named(server, "Paged", []);
  const top = path.join(temporary(), "all");
  for (const label of ["0", "1"]) {
    digits.of(label, 0, 30).forEach((file, i) => {
      copied(path.join(top, `digit ${label}`, `day ${i + 1}`), [file]);
    });
  }

  await page.goto(samples(id));
  await expect(page.getByRole("heading", { name: "Add the first photos" })).toBeVisible();
  await dropPaths(page, [top]);
  const question = page.getByRole("dialog");
  await expect(question.getByText("60 photos in 60 folders:")).toBeVisible();
  await expect(question.getByRole("listitem")).toHaveCount(50);
  await expect(question.getByText("Folders 1 to 50 of 60")).toBeVisible();
  await expect(
    question.getByText(
      "60 photos will be annotated. 30 labels will be created: day 1, day 2, day 3, day 4, day 5, day 6, day 7, day 8 and 22 more.",
    ),
  ).toBeVisible();

  await question.getByRole("button", { name: "Next folders" }).click();
  await expect(question.getByText("Folders 51 to 60 of 60")).toBeVisible();
  await expect(question.getByRole("listitem")).toHaveCount(10);
  await question
    .getByLabel("Name the labels after")
    .selectOption("folders of level 2: digit 0, digit 1");
  expect((await rows(question)).at(-1)).toBe("all/digit 1/day 30 1 photo > digit 1 > new label");
  const all = question.getByRole("checkbox", { name: "All folders" });
  await all.uncheck();
  await expect(question.getByText("No folder is ticked, so no photo is added.")).toBeVisible();
  await expect(question.getByRole("button", { name: "Annotate by folder" })).toBeDisabled();
  await expect(question.getByRole("button", { name: "Add without labels" })).toBeDisabled();
  await all.check();
  await question.getByRole("button", { name: "Annotate by folder" }).click();

  await expect(page.getByText("60 photos added.")).toBeVisible();
  expect(await labelsOf(server, id)).toEqual(["digit 0 30", "digit 1 30"]);
});

test("a folder that is dropped on the list of functions becomes a function with its labels", async ({
  page,
  server,
  digits,
}) => {
  const top = path.join(temporary(), "Written digits");
  copied(path.join(top, "three"), digits.of("3", 0, 3));
  copied(path.join(top, "eight"), digits.of("8", 0, 4));
  copied(path.join(top, "unclear"), digits.of("5", 0, 2));

  await page.goto("/");
  await expect(page.getByRole("button", { name: "New function" })).toBeVisible();
  await dropPaths(page, digits.of("0", 0, 1));
  await expect(
    page.getByText("A new function needs a folder. To add photos to a function, open it first."),
  ).toBeVisible();
  await dropPaths(page, [top]);
  const form = page.getByRole("dialog", { name: "New function from a folder" });
  await expect(form.getByLabel("Name", { exact: true })).toHaveValue("Written digits");
  expect(await rows(form)).toEqual([
    "Written digits/eight 4 photos > eight > new label",
    "Written digits/three 3 photos > three > new label",
    "Written digits/unclear 2 photos > unclear > new label",
  ]);
  expect(await seriousViolations(page)).toEqual([]);

  await form.getByRole("combobox", { name: "Label of Written digits/unclear" }).fill("");
  await form.getByLabel("Name", { exact: true }).fill("");
  await form.getByRole("button", { name: "Create and add 9 photos" }).click();
  await expect(form.getByText("Name is required.")).toBeVisible();
  await form.getByLabel("Name", { exact: true }).fill("Two digits");
  await form.getByRole("button", { name: "Create and add 9 photos" }).click();

  await expect(page.getByText("9 photos added.")).toBeVisible();
  await expect(total(page)).toHaveText("9 photos");
  const id = decodeURIComponent(page.url().split("/").at(-2) ?? "");
  expect(await labelsOf(server, id)).toEqual(["eight 4", "three 3"]);
});

test("a zip archive is unpacked, and its folders name the labels", async ({
  page,
  server,
  digits,
}) => {
  const id = await named(server, "Zipped", ["Three"]);
  const top = temporary();
  copied(path.join(top, "three"), digits.of("3", 0, 3));
  writeFileSync(path.join(copied(path.join(top, "eight"), digits.of("8", 0, 4)), "a.txt"), "text");
  const made = ["-m", "zipfile", "-c", "digits.zip", "three", "eight"];
  await promisify(execFile)(python, made, { cwd: top });

  await page.goto(samples(id));
  await expect(page.getByRole("heading", { name: "Add the first photos" })).toBeVisible();
  await dropPaths(page, [path.join(top, "digits.zip")]);
  const question = page.getByRole("dialog");
  await expect(question.getByText("7 photos in 2 folders:")).toBeVisible();
  expect(await rows(question)).toEqual([
    "digits/eight 4 photos > eight > new label",
    "digits/three 3 photos > Three > existing label",
  ]);
  await expect(page.getByText("1 file left out: not a picture.")).toBeVisible();
  await question.getByRole("button", { name: "Annotate by folder" }).click();

  await expect(page.getByText("7 photos added.")).toBeVisible();
  expect(await labelsOf(server, id)).toEqual(["Three 3", "eight 4"]);
});

test("an upload that a closed tab broke off is told of, and goes on without adding twice", async ({
  page,
  server,
  digits,
}) => {
  const id = await named(server, "Broken off", ["1"]);
  const folder = copied(path.join(temporary(), "1"), digits.of("1", 0, 40));
  let uploads = 0;
  // The first of the requests with photos is answered, the others never are.
  await page.route("**/graphql", async (route) => {
    const type = route.request().headers()["content-type"] ?? "";
    if (!type.startsWith("multipart/") || ++uploads === 1) await route.continue();
  });
  await page.goto(samples(id));
  await expect(page.getByRole("heading", { name: "Add the first photos" })).toBeVisible();
  await dropPaths(page, [folder]);
  await page.getByRole("button", { name: "Annotate by folder" }).click();
  await expect(page.getByText("Adding 40 photos: 8 done")).toBeVisible();

  page.once("dialog", (leaving) => void leaving.accept());
  await page.goto("about:blank");
  await page.unroute("**/graphql");
  await page.goto(samples(id));
  const notice = page.getByRole("region", { name: "Unfinished upload" });
  await expect(notice).toContainText(
    "An upload stopped when its tab was closed: 8 of 40 photos were done.",
  );
  expect(await seriousViolations(page)).toEqual([]);
  await dropPaths(page, [folder]);
  await page.getByRole("button", { name: "Annotate by folder" }).click();

  await expect(page.getByText("32 photos added, 8 were here already.")).toBeVisible();
  await expect(notice).toBeHidden();
  expect(await labelsOf(server, id)).toEqual(["1 40"]);
  await page.reload();
  await expect(total(page)).toHaveText("40 photos");
  await expect(notice).toBeHidden();
});

test("a folder without photos is reported", async ({ page, server, digits }) => {
  const id = await taught(server, "Empty", digits, 0, ["0"]);

  await page.goto(samples(id));
  await expect(page.getByRole("heading", { name: "Add the first photos" })).toBeVisible();
  await dropPaths(page, [temporary()]);

  await expect(page.getByText("There is no photo in it.")).toBeVisible();
  await expect(page.getByText("Drop to add")).toBeHidden();
});

function temporary(): string {
  return mkdtempSync(path.join(tmpdir(), "pigeonhole-drop-"));
}

/** Copy files into a folder, which is created. */
function copied(folder: string, files: string[]): string {
  mkdirSync(folder, { recursive: true });
  for (const file of files) cpSync(file, path.join(folder, path.basename(file)));
  return folder;
}

function samples(id: string): string {
  return `/#/functions/${encodeURIComponent(id)}/samples`;
}

/** The listed folders: each with its photos, the name of its label, and what it leads to. */
function rows(dialog: Locator): Promise<string[]> {
  return dialog.getByRole("listitem").evaluateAll((items) =>
    items.map((item) => {
      const folder = item.querySelector("label")?.innerText;
      const label = item.querySelector<HTMLInputElement>("input[list]")?.value;
      return `${folder} > ${label} > ${item.lastElementChild?.textContent}`;
    }),
  );
}

/** The labels of a function with their numbers of photos, in the order of their names. */
async function labelsOf(server: Server, id: string): Promise<string[]> {
  const { node } = await server.ask<{
    node: { labels: { nodes: { name: string; sampleCount: number }[] } };
  }>(
    "query($id: ID!) { node(id: $id) { ... on Function { labels { nodes { name sampleCount } } } } }",
    { id },
  );
  return node.labels.nodes.map(({ name, sampleCount }) => `${name} ${sampleCount}`).sort();
}
