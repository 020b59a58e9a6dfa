import { expect, test } from "vitest";
import { parseLabelNames } from "./labelNames";

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

test("names that differ in case alone are one", () => {
  expect(parseLabelNames("Cat\ncat\nCAT\ndog")).toEqual(["Cat", "dog"]);
});

test("nothing is no label", () => {
  expect(parseLabelNames("  \n ")).toEqual([]);
});
