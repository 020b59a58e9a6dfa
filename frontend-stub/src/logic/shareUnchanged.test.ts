import { expect, test } from "vitest";
import { shareUnchanged } from "./shareUnchanged";

const before = {
  name: "Recipes",
  model: { version: 1, accuracy: null },
  labels: [
    { id: "a", count: 1 },
    { id: "b", count: 2 },
  ],
};

test("what is equal is the very same", () => {
  expect(shareUnchanged(before, structuredClone(before))).toBe(before);
});

test("what differs is new, and its unchanged neighbours are the same", () => {
  const after = structuredClone(before);
  after.labels[1] = { id: "b", count: 3 };

  const shared = shareUnchanged(before, after);

  expect(shared).toEqual(after);
  expect(shared).not.toBe(before);
  expect(shared.model).toBe(before.model);
  expect(shared.labels[0]).toBe(before.labels[0]);
  expect(shared.labels[1]).not.toBe(before.labels[1]);
});

test("lists that grow or shrink, and parts that come or go, are new", () => {
  expect(shareUnchanged([1], [1, 2])).toEqual([1, 2]);
  expect(shareUnchanged([1, 2], [1])).toEqual([1]);
  expect(shareUnchanged({ one: 1 }, {})).toEqual({});
  expect(shareUnchanged({ one: null }, { one: { two: 2 } })).toEqual({ one: { two: 2 } });
  expect(shareUnchanged(null, { one: 1 })).toEqual({ one: 1 });
  expect(shareUnchanged([], {})).toEqual({});
});
