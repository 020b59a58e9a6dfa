import { expect, test } from "vitest";
import {
  type Choice,
  type Plan,
  commonName,
  foldersOf,
  initialChoices,
  labelled,
  levelsOf,
  planOf,
} from "./folders";

/** One photo in each of these folders. */
function initial(paths: (string | null)[], labels: string[] = [], level: number | null = null) {
  const choices = initialChoices(foldersOf(paths), labels, level);
  return Object.fromEntries([...choices].map(([path, { label }]) => [path, label]));
}

function planned(paths: string[], labels: string[], chosen: Record<string, Choice>): Plan {
  const folders = foldersOf(paths);
  return planOf(folders, new Map(Object.entries(chosen)), labels);
}

const kept = (label: string): Choice => ({ included: true, label });
const outcomes = ({ rows }: Plan): unknown[] => rows.map(({ outcome }) => outcome);

test("folders that directly contain photos are listed with their number, in the order of names", () => {
  expect(foldersOf(["all/10", "all/9", null, "all/9", "all", "more/deep/down"])).toEqual([
    { path: "", photos: 1, isParent: false },
    { path: "all", photos: 1, isParent: true },
    { path: "all/9", photos: 2, isParent: false },
    { path: "all/10", photos: 1, isParent: false },
    { path: "more/deep/down", photos: 1, isParent: false },
  ]);
});

test("the folder that contains a photo names its label, and a folder above others none", () => {
  expect(initial(["photos/Soups", "photos/Cakes", "photos", null])).toEqual({
    "": "",
    photos: "",
    "photos/Cakes": "Cakes",
    "photos/Soups": "Soups",
  });
});

test("names that differ only by case or spaces become the label that exists", () => {
  const labels = ["Main Courses", "soups", "Crème brûlée"];

  expect(initial(["maincourses", "SOUPS ", "Cre\u0300me  bru\u0302le\u0301e"], labels)).toEqual({
    "SOUPS ": "soups",
    maincourses: "Main Courses",
    "Cre\u0300me  bru\u0302le\u0301e": "Crème brûlée",
  });
});

test("of two labels that differ by spaces, the one with the folder's own name is chosen", () => {
  expect(initial(["rock star"], ["rock star", "rockstar"])).toEqual({ "rock star": "rock star" });
  expect(initial(["rockstar"], ["rockstar", "rock star"])).toEqual({ rockstar: "rockstar" });
});

test("folders that differ only by case or spaces become one new label", () => {
  expect(initial(["test/cup cakes", "train/Cupcakes"])).toEqual({
    "test/cup cakes": "cup cakes",
    "train/Cupcakes": "cup cakes",
  });
});

test("a level of folders names all labels instead, if it has several names", () => {
  const paths = ["all/Soups/2023", "all/Soups/2024", "all/Cakes/2024", "all/Cakes", "all"];

  expect(levelsOf(foldersOf(paths))).toEqual([{ level: 2, names: ["Cakes", "Soups"] }]);
  expect(initial(paths, [], 2)).toEqual({
    all: "",
    "all/Cakes": "Cakes",
    "all/Cakes/2024": "Cakes",
    "all/Soups/2023": "Soups",
    "all/Soups/2024": "Soups",
  });
  expect(levelsOf(foldersOf(["all/Soups", "all/Cakes", null]))).toEqual([]);
});

test("a plan counts what is added, and names the labels that are created once", () => {
  const plan = planned(["a", "a", "b", "c", "d", "e", "f"], ["Soups"], {
    a: kept("  soups"),
    b: kept("Cakes"),
    c: kept("CAKES"),
    d: kept(" "),
    e: { included: false, label: "Bread" },
    f: kept("x".repeat(101)),
  });

  expect(outcomes(plan)).toEqual([
    { kind: "existing", label: "Soups" },
    { kind: "new", label: "Cakes" },
    { kind: "new", label: "Cakes" },
    { kind: "without" },
    { kind: "left out" },
    { kind: "problem", problem: "A label has at most 100 characters. Shorten it." },
  ]);
  expect(plan).toMatchObject({ photos: 6, annotated: 4, unlabelled: 1, problems: 1 });
  expect(plan.newLabels).toEqual(["Cakes"]);
});

test("a label that a person typed without its space is another label, as in the API", () => {
  const plan = planned(["a"], ["Main courses"], { a: kept("Maincourses") });

  expect(outcomes(plan)).toEqual([{ kind: "new", label: "Maincourses" }]);
});

test("photos get the labels of their folders, and those of folders left out are not added", () => {
  const photos = [
    { name: 1, folder: "a" },
    { name: 2, folder: "b" },
    { name: 3, folder: null },
  ];
  const plan = planOf(
    foldersOf(photos.map(({ folder }) => folder)),
    new Map([
      ["a", kept("Soups")],
      ["b", { included: false, label: "Cakes" }],
      ["", kept("")],
    ]),
    [],
  );

  expect(labelled(photos, plan)).toEqual([
    { name: 1, folder: "a", labelName: "Soups" },
    { name: 3, folder: null },
  ]);
});

test("a function is named after the one folder above all photos", () => {
  expect(commonName(foldersOf(["My  dishes/Soups", "My  dishes/Cakes", null]))).toBe("My dishes");
  expect(commonName(foldersOf(["Soups", "Cakes"]))).toBe("");
});

test("ten thousand folders are planned in an instant", () => {
  const paths = Array.from({ length: 10_000 }, (_, i) => `all/${i}`);
  const folders = foldersOf(paths);
  const before = performance.now();

  const plan = planOf(folders, initialChoices(folders, ["7"]), ["7"]);

  expect(plan).toMatchObject({ photos: 10_000, annotated: 10_000, problems: 0 });
  expect(plan.newLabels).toHaveLength(9_999);
  expect(performance.now() - before).toBeLessThan(2_000);
});
