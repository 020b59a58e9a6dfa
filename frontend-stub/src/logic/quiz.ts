import type { Sample } from "../api/samples";
import { type Estimate, wilson } from "./estimate";

/** One photo of a quiz with the answer that the model gave before it could learn from the grade. */
export interface Question {
  sampleId: string;
  answer: { id: string; name: string };
  confidence: number;
}

export interface Quiz {
  questions: Question[];
  /** Whether each answer was right; as many as are graded. */
  grades: boolean[];
  /** The model that is being graded. */
  version: number;
}

/** A quiz of these photos, as far as the model has an answer for them. */
export function quizOf(samples: Sample[], version: number): Quiz {
  const questions = samples.flatMap(({ id, crossValidated }) =>
    crossValidated === null
      ? []
      : [{ sampleId: id, answer: crossValidated.label, confidence: crossValidated.confidence }],
  );
  return { questions, grades: [], version };
}

export function grade(quiz: Quiz, right: boolean): Quiz {
  if (quiz.grades.length === quiz.questions.length) return quiz;
  return { ...quiz, grades: [...quiz.grades, right] };
}

/** Take back the last grade. */
export function ungrade(quiz: Quiz): Quiz {
  return { ...quiz, grades: quiz.grades.slice(0, -1) };
}

/** The share of right answers so far. */
export function score(quiz: Quiz): Estimate | null {
  return wilson(quiz.grades.filter(Boolean).length, quiz.grades.length);
}
