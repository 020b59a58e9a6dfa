import { expect, test } from "vitest";
import { UndoStack } from "./undo";

test("the newest action is undone first, and each one once", () => {
  const undone: string[] = [];
  const stack = new UndoStack();
  stack.push({ done: "one", undo: () => undone.push("one") });
  stack.push({ done: "two", undo: () => undone.push("two") });

  expect(stack.undo()?.done).toBe("two");
  expect(stack.undo()?.done).toBe("one");
  expect(stack.undo()).toBeUndefined();
  expect(undone).toEqual(["two", "one"]);
});

test("an action in the middle can be undone, but not twice", () => {
  const undone: string[] = [];
  const stack = new UndoStack();
  const first = { done: "one", undo: () => undone.push("one") };
  stack.push(first);
  stack.push({ done: "two", undo: () => undone.push("two") });

  stack.undoOne(first);
  stack.undoOne(first);

  expect(undone).toEqual(["one"]);
  expect(stack.depth).toBe(1);
});

test("the number of actions is limited", () => {
  const stack = new UndoStack();
  for (let step = 0; step < 500; step++) stack.push({ done: String(step), undo: () => undefined });

  expect(stack.depth).toBe(200);
  expect(stack.undo()?.done).toBe("499");
});
