import { expect, test } from "vitest";
import { indexOfKey, keyOf } from "./keys";

test("labels get the keys 1 to 9 and then a to z", () => {
  expect([0, 8, 9, 34].map(keyOf)).toEqual(["1", "9", "a", "z"]);
});

test("a label beyond z has no key", () => {
  expect(keyOf(35)).toBeNull();
});

test("a key finds its label, in capitals too", () => {
  expect(indexOfKey("1", 3)).toBe(0);
  expect(indexOfKey("A", 12)).toBe(9);
});

test("a key without a label finds nothing", () => {
  expect(indexOfKey("4", 3)).toBeNull();
  expect(indexOfKey("0", 3)).toBeNull();
  expect(indexOfKey("Enter", 30)).toBeNull();
  expect(indexOfKey("", 3)).toBeNull();
});
