import { expect, test } from "vitest";
import { extend, nothingChosen, toggle } from "./selection";

test("a row is selected and deselected", () => {
  const once = toggle(nothingChosen, "b");

  expect([...once.chosen]).toEqual(["b"]);
  expect([...toggle(once, "b").chosen]).toEqual([]);
});

test("a range is added to the selection, and the next one has the same start", () => {
  const anchored = toggle(nothingChosen, "c");

  const once = extend(anchored, "c", ["c", "d", "e"]);
  const twice = extend(once, "c", ["a", "b", "c"]);

  expect([...twice.chosen].sort()).toEqual(["a", "b", "c", "d", "e"]);
  expect(twice.anchor).toBe("c");
});
