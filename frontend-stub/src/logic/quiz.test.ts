import { expect, test } from "vitest";
import { grade, quizOf, score, ungrade } from "./quiz";
import { sampleOf } from "./testSamples";

const soup = { id: "soup", name: "Soups" };
const answered = (id: string) => sampleOf(id, { crossValidated: { confidence: 0.8, label: soup } });

test("a quiz has only photos with a prediction", () => {
  const quiz = quizOf([answered("a"), sampleOf("b"), answered("c")], 3);

  expect(quiz.questions).toEqual([
    { sampleId: "a", answer: soup, confidence: 0.8 },
    { sampleId: "c", answer: soup, confidence: 0.8 },
  ]);
  expect(quiz.version).toBe(3);
});

test("verdicts add up to a share, and the last one can be undone", () => {
  let quiz = quizOf([answered("a"), answered("b"), answered("c")], 1);
  expect(score(quiz)).toBeNull();

  quiz = grade(grade(quiz, true), false);
  expect(score(quiz)).toMatchObject({ value: 0.5, count: 2 });
  expect(score(ungrade(quiz))).toMatchObject({ value: 1, count: 1 });
});

test("there are no more verdicts than questions", () => {
  const quiz = quizOf([answered("a")], 1);

  expect(grade(grade(quiz, true), true).grades).toEqual([true]);
});
