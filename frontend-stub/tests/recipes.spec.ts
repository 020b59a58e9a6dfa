import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { drop, truthOf } from "./photos";
import { expect, shown, test, total } from "./page";

const labels = ["Breakfasts", "Main courses", "Soups", "Desserts", "Not a food"];

// Handwritten digits stand in for dishes: a test only needs kinds that differ.
const digitsShown = ["0", "1", "4", "6", "7"];

test("a person teaches a function for a recipe site from nothing", async ({
  page,
  context,
  server,
  digits,
}) => {
  // The link that `up` prints logs its owner in.
  await server.clear();
  await context.clearCookies();
  await page.goto("/");
  await expect(page.getByLabel("API key")).toBeVisible();
  await page.goto(server.link);
  await expect(page.getByText("Teach your first function")).toBeVisible();
  await page.getByRole("button", { name: "New function" }).click();
  await page.getByRole("button", { name: "Create function" }).click();
  await expect(page.getByText("Name is required.")).toBeVisible();
  await page.getByLabel("Name").fill("Recipes");
  await page.getByLabel("Labels").fill(labels.join("\n"));
  await page.getByRole("button", { name: "Create function" }).click();
  await expect(page.getByRole("heading", { name: "Samples" })).toBeVisible();

  // Drop a hundred photos and a file that is none.
  const broken = path.join(mkdtempSync(path.join(tmpdir(), "pigeonhole-")), "broken.png");
  writeFileSync(broken, "not a picture");
  await drop(page, [...digits.each(20, digitsShown), broken]);
  await expect(page.getByText("100 photos added, 1 failed.")).toBeVisible();
  await expect(page.getByText("broken.png")).toBeVisible();
  await expect(page.getByRole("listbox", { name: "Photos" }).locator("img").first()).toBeVisible();

  // Annotate by keys; the right labels are looked up by the photos.
  await page.getByRole("link", { name: "Start labelling" }).click();
  const accuracy = page.getByRole("region", { name: "Accuracy", exact: true });
  await expect(accuracy.getByText("Too early to tell", { exact: true })).toBeVisible();
  const truth = await truthOf(server, digits);
  for (let photo = 0; photo < 90; photo++) {
    const frame = shown(page);
    const id = (await frame.getAttribute("data-sample")) ?? "";
    await page.keyboard.press(String(digitsShown.indexOf(truth.get(id) ?? "") + 1));
    await expect(frame).not.toHaveAttribute("data-sample", id);
  }

  // The bars are updated automatically.
  await expect(accuracy.getByText(/^\d+ %/).first()).toBeVisible();
  await expect(accuracy.getByText("between").first()).toBeAttached();
  await expect(page.getByText("90 annotated, 10 photos left")).toBeVisible();

  // Undo the last annotation, and make it again.
  await page.keyboard.press("Backspace");
  await expect(page.getByText("89 annotated, 11 photos left")).toBeVisible();
  const id = (await shown(page).getAttribute("data-sample")) ?? "";
  await page.keyboard.press(String(digitsShown.indexOf(truth.get(id) ?? "") + 1));
  await expect(page.getByText("90 annotated, 10 photos left")).toBeVisible();

  // The quiz: grade photos without annotations.
  await page.getByRole("link", { name: "Review" }).click();
  await page.getByRole("button", { name: "Start the quiz" }).click();
  for (let question = 0; question < 10; question++) {
    await expect(page.getByText(`Photo ${question + 1} of 10`)).toBeVisible();
    const current = (await shown(page).getAttribute("data-sample")) ?? "";
    const wanted = labels[digitsShown.indexOf(truth.get(current) ?? "")] ?? "";
    const answer = await page.locator("p", { hasText: "% sure" }).locator("strong").textContent();
    if (answer === wanted) await page.keyboard.press("y");
    else {
      await page.keyboard.press("n");
      await page.keyboard.press(String(labels.indexOf(wanted) + 1));
    }
  }
  await expect(page.getByRole("heading", { name: "Graded" })).toBeVisible();
  await expect(page.getByText("This quiz, 10 photos")).toBeVisible();

  // Invoke, and correct the prediction.
  await page.getByRole("link", { name: "Invoke" }).click();
  await drop(page, digits.of("0", 30, 31));
  await expect(page.getByRole("list", { name: "Most likely labels" })).toBeVisible();
  const wrong = page.getByRole("group", { name: "This was wrong, it is" });
  await wrong.getByRole("button").first().click();
  const said = page.getByText("Added to the samples as");
  await expect(said).toBeVisible();

  // It is still there after a reload, and the feedback can be undone.
  await page.reload();
  await expect(said).toBeVisible();
  await page.getByRole("link", { name: "Samples" }).click();
  await expect(total(page)).toHaveText("101 photos");
  await page.getByRole("link", { name: "Invoke" }).click();
  await drop(page, digits.of("0", 31, 32));
  await expect(page.getByRole("list", { name: "Most likely labels" })).toHaveCount(2);
  await wrong.getByRole("button").first().click();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(said).toHaveCount(1);
  await page.getByRole("link", { name: "Samples" }).click();
  await expect(total(page)).toHaveText("101 photos");

  // The snippets work as shown.
  await page.getByRole("link", { name: "Use it" }).click();
  await page.getByLabel("Name of a new key").fill("Recipe site");
  await page.getByRole("button", { name: "Make a key" }).click();
  process.env["PIGEONHOLE_KEY"] = await page.getByText("Copy it now").locator("code").innerText();
  for (const [language, run] of Object.entries(runners)) {
    await page.getByRole("button", { name: language, exact: true }).click();
    const code = await page.getByRole("region", { name: `${language} code` }).innerText();
    const answer = run(code, digits.of("0", 31, 32)[0] ?? "");
    expect(
      labels.some((label) => answer.includes(label)),
      `${language}: ${answer}`,
    ).toBe(true);
  }

  // With a wrong key and without one they print an error without a traceback.
  for (const [language, run] of Object.entries(runners)) {
    if (language === "curl") continue; // it prints the server's response
    await page.getByRole("button", { name: language, exact: true }).click();
    const code = await page.getByRole("region", { name: `${language} code` }).innerText();
    for (const key of ["wrong", undefined]) {
      if (key === undefined) delete process.env["PIGEONHOLE_KEY"];
      else process.env["PIGEONHOLE_KEY"] = key;
      const failed = failureOf(() => run(code, digits.of("0", 31, 32)[0] ?? ""));
      expect(failed, language).toContain("key");
      expect(failed, language).not.toMatch(/Traceback|at .*\(/);
    }
  }

  await page.getByRole("button", { name: "Revoke Recipe site" }).click();
  await expect(page.getByRole("button", { name: "Revoke Recipe site" })).toBeHidden();

  // Earlier versions can be used again.
  await page.getByRole("link", { name: "Review" }).click();
  await page.getByRole("link", { name: "Versions" }).click();
  await page.getByText(/more versions? of this sitting/).click();
  await page
    .getByRole("button", { name: /Use this/ })
    .first()
    .click();
  await expect(page.getByText(/^Version \d+ is in use\.$/)).toBeVisible();
  await page.getByRole("link", { name: "Mix-ups" }).click();
  await page.getByRole("region", { name: "Mix-ups" }).getByRole("button").first().click();
  await expect(page.getByRole("button", { name: "Open photo 1", exact: true })).toBeVisible();
});

/** Return the output of a command that fails. */
function failureOf(run: () => string): string {
  try {
    return `It did not fail: ${run()}`;
  } catch (error) {
    return String((error as { stderr: Buffer }).stderr);
  }
}

/** Run a snippet as shown, next to a photo with the name that it reads; return its output. */
const runners: Record<string, (code: string, photo: string) => string> = {
  curl: (code, photo) =>
    execFileSync("sh", ["-s"], { cwd: beside(photo), input: code, stdio: "pipe" }).toString(),
  Python: (code, photo) =>
    execFileSync("python3", ["-"], { cwd: beside(photo), input: code, stdio: "pipe" }).toString(),
  JavaScript: (code, photo) =>
    execFileSync(process.execPath, ["--input-type=module", "-"], {
      cwd: beside(photo),
      input: code,
      stdio: "pipe",
    }).toString(),
};

function beside(photo: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), "pigeonhole-snippet-"));
  copyFileSync(photo, path.join(folder, "photo.jpg"));
  return folder;
}
