import { expect, test } from "vitest";
import { extend, nothingChosen, toggle } from "./selection";

test("a row is chosen and left again", () => {
  const once = toggle(nothingChosen, "b");

  expect([...once.chosen]).toEqual(["b"]);
  expect([...toggle(once, "b").chosen]).toEqual([]);
});

test("a range joins what is chosen, and the next one starts where it did", () => {
  const anchored = toggle(nothingChosen, "c");

  const once = extend(anchored, "c", ["c", "d", "e"]);
  const twice = extend(once, "c", ["a", "b", "c"]);

  expect([...twice.chosen].sort()).toEqual(["a", "b", "c", "d", "e"]);
  expect(twice.anchor).toBe("c");
});
