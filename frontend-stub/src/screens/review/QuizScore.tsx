import { type Quiz, score } from "../../logic/quiz";
import { count } from "../../logic/estimate";
import { Bar } from "../../parts/Bar";
import { useFunction } from "../../workspace/context";
import type { accuracyFields } from "../accuracyFields";
import type { quizFields } from "./quizFields";
import barStyles from "../../parts/Bar.module.css";
import styles from "./QuizScore.module.css";

/** The graded accuracy beside the one that training measured; they should agree. */
export function QuizScore({ quiz }: { quiz: Quiz }) {
  const { fn } = useFunction<[typeof quizFields, typeof accuracyFields]>();
  const graded = score(quiz);
  return (
    <ul className={`${barStyles["list"]} ${styles["score"]}`}>
      <Bar
        name={`This quiz, ${count(quiz.grades.length, "photo")}`}
        estimate={graded}
        detail={`Answers of version ${quiz.version}`}
      />
      {fn.quizAccuracy !== null && (
        <Bar
          name={`Your last ${count(fn.quizAccuracy.sampleCount, "grade")}`}
          estimate={fn.quizAccuracy}
          detail="Of every quiz"
        />
      )}
      <Bar
        name="Measured in training"
        estimate={fn.model?.metrics.accuracy ?? null}
        detail={`Version ${fn.model?.version ?? 0}, cross-validated`}
      />
    </ul>
  );
}
