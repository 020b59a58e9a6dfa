import { expect, test, vi } from "vitest";
import type { Grade } from "../api/quiz";
import { Grader } from "./grader";

const gradeOf = (sampleId: string): Grade => ({ sampleId, shownLabelId: "soup", right: true });

function recorded(): { grader: Grader; saved: string[] } {
  const saved: string[] = [];
  const grader = new Grader({
    save: (grades) => {
      saved.push(...grades.map(({ sampleId }) => sampleId));
      return Promise.resolve();
    },
    refused: vi.fn(),
  });
  return { grader, saved };
}

test("the newest verdict is saved with the next one", async () => {
  const { grader, saved } = recorded();

  grader.give(gradeOf("a"));
  grader.give(gradeOf("b"));

  await vi.waitFor(() => expect(saved).toEqual(["a"]));
  expect(grader.unsaved).toBe(true);
});

test("a verdict that is undone is never sent", async () => {
  const { grader, saved } = recorded();

  grader.give(gradeOf("a"));
  expect(grader.takeBack()).toBe(true);
  expect(grader.takeBack()).toBe(false);
  grader.give(gradeOf("b"));
  grader.flush();

  await vi.waitFor(() => expect(grader.unsaved).toBe(false));
  expect(saved).toEqual(["b"]);
});
