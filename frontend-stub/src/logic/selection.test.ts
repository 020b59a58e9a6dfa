import { expect, test } from "vitest";
import { extend, nothingChosen, toggle } from "./selection";

const ids = ["a", "b", "c", "d", "e"];

test("a row is chosen and left again", () => {
  const once = toggle(nothingChosen, "b");

  expect([...once.chosen]).toEqual(["b"]);
  expect([...toggle(once, "b").chosen]).toEqual([]);
});

test("a range runs from the last touched row, in both directions", () => {
  const anchored = toggle(nothingChosen, "c");

  expect([...extend(anchored, "e", ids).chosen]).toEqual(["c", "d", "e"]);
  expect([...extend(anchored, "a", ids).chosen].sort()).toEqual(["a", "b", "c"]);
});

test("without an anchor in the list a range is one row", () => {
  expect([...extend(nothingChosen, "d", ids).chosen]).toEqual(["d"]);
});
