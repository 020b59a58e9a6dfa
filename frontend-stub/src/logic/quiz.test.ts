import { expect, test } from "vitest";
import { drawQuiz, grade, score, ungrade } from "./quiz";
import { sampleOf } from "./testSamples";

const soup = { id: "soup", name: "Soups" };
const answered = (id: string) => sampleOf(id, { crossValidated: { confidence: 0.8, label: soup } });

test("only photos with an answer are asked about, each once", () => {
  const samples = [answered("a"), sampleOf("b"), answered("c"), answered("d")];

  const quiz = drawQuiz(samples, 10, 3);

  expect(quiz.questions.map(({ sampleId }) => sampleId).sort()).toEqual(["a", "c", "d"]);
  expect(quiz.version).toBe(3);
});

test("a quiz has a random order and no more questions than wanted", () => {
  const samples = [answered("a"), answered("b"), answered("c")];

  const quiz = drawQuiz(samples, 2, 1, () => 0);

  expect(quiz.questions.map(({ sampleId }) => sampleId)).toEqual(["b", "c"]);
});

test("grades add up to a share, and the last can be taken back", () => {
  let quiz = drawQuiz([answered("a"), answered("b"), answered("c")], 3, 1);
  expect(score(quiz)).toBeNull();

  quiz = grade(grade(quiz, true), false);
  expect(score(quiz)).toMatchObject({ value: 0.5, count: 2 });
  expect(score(ungrade(quiz))).toMatchObject({ value: 1, count: 1 });
});

test("there are no more grades than questions", () => {
  const quiz = drawQuiz([answered("a")], 3, 1);

  expect(grade(grade(quiz, true), true).grades).toEqual([true]);
});
