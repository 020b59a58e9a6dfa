import { expect, test } from "vitest";
import { nameProblems, parseLabelNames, shortened } from "./labelNames";

test("each pasted line is a label", () => {
  expect(parseLabelNames("Breakfasts\r\nMain courses\n\n  Soups \n")).toEqual([
    "Breakfasts",
    "Main courses",
    "Soups",
  ]);
});

test("one line is split at commas, several are not", () => {
  expect(parseLabelNames("cat, dog; bird")).toEqual(["cat", "dog", "bird"]);
  expect(parseLabelNames("salt, pepper\nsugar")).toEqual(["salt, pepper", "sugar"]);
});

test("names that differ only in case are one label", () => {
  expect(parseLabelNames("Cat\ncat\nCAT\ndog")).toEqual(["Cat", "dog"]);
});

test("empty text gives no labels", () => {
  expect(parseLabelNames("  \n ")).toEqual([]);
});

test("an error about a name says which name", () => {
  const errors = [
    {
      message: "Name must have at most 100 characters; it has 101.",
      path: ["input", "labels", "1"],
    },
    { message: "Name is required.", path: ["input", "name"] },
  ];

  expect(nameProblems(["Soups", "Long"], errors)).toBe(
    "“Long”: Name must have at most 100 characters; it has 101.",
  );
  expect(nameProblems(["Soups"], errors.slice(1))).toBeUndefined();
});

test("long names with the same beginning remain different", () => {
  expect(shortened("Category number 12", 12)).toBe("Categ…ber 12");
  expect(shortened("Category number 13", 12)).toBe("Categ…ber 13");
  expect(shortened("Soups", 12)).toBe("Soups");
  expect(shortened("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", 3)).toBe("👩‍👩‍👧…👩‍👩‍👧");
});
