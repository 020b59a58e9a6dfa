import type { Sample } from "../api/samples";
import { type Estimate, wilson } from "./estimate";

/** A photo of a quiz with the model's prediction from before the verdict. */
export interface Question {
  sampleId: string;
  answer: { id: string; name: string };
  confidence: number;
}

export interface Quiz {
  questions: Question[];
  /** Whether each graded prediction was right, in order. */
  grades: boolean[];
  /** The model that is being graded. */
  version: number;
}

/** A quiz of those photos that have a prediction. */
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

/** Undo the last verdict. */
export function ungrade(quiz: Quiz): Quiz {
  return { ...quiz, grades: quiz.grades.slice(0, -1) };
}

/** The share of right predictions so far. */
export function score(quiz: Quiz): Estimate | null {
  return wilson(quiz.grades.filter(Boolean).length, quiz.grades.length);
}
