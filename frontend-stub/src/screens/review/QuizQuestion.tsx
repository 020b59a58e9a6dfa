import { useState } from "react";
import { percent } from "../../logic/estimate";
import { isolated } from "../../logic/isolated";
import { indexOfKey } from "../../logic/keys";
import { type Quiz, grade, ungrade } from "../../logic/quiz";
import { LabelButtons } from "../../parts/LabelButtons";
import { ProgressBar } from "../../parts/ProgressBar";
import { announcer } from "../../parts/notices";
import { pressesControl, useKeys } from "../../parts/useKeys";
import { useFunction } from "../../workspace/context";
import { LabelName } from "../../parts/LabelName";
import { PhotoStage } from "../annotate/PhotoStage";
import { QuizScore } from "./QuizScore";
import styles from "./QuizQuestion.module.css";

interface Props {
  quiz: Quiz;
  setQuiz: (change: (quiz: Quiz | null) => Quiz | null) => void;
  /** Ask for a label first, then show the prediction. */
  hidden: boolean;
}

/** A photo with the model's prediction: right, wrong, or another label. */
export function QuizQuestion({ quiz, setQuiz, hidden }: Props) {
  const { fn, workspace } = useFunction();
  const [naming, setNaming] = useState(false);
  const at = quiz.grades.length;
  const question = quiz.questions[at];
  const choosing = hidden || naming;

  function answer(index: number | null): void {
    if (question === undefined) return;
    const { sampleId, answer: given } = question;
    const label = index === null ? null : (fn.labels[index] ?? null);
    const right = label?.id === given.id;
    workspace.grades.give({
      sampleId,
      shownLabelId: given.id,
      right,
      ...(label && !right && { label: { labelId: label.id } }),
    });
    if (label) workspace.store.annotate([sampleId], { id: label.id, name: label.name });
    setQuiz((now) => now && grade(now, right));
    setNaming(false);
    announcer.say(`${right ? "Right" : `Wrong, the model said ${given.name}`}. Next photo.`);
  }

  function takeBack(): void {
    const last = quiz.questions[at - 1];
    if (last === undefined || !workspace.grades.takeBack()) {
      announcer.say("There is nothing to undo.");
      return;
    }
    workspace.store.annotate([last.sampleId], null);
    setQuiz((now) => now && ungrade(now));
  }

  const agree = (): void => answer(fn.labels.findIndex(({ id }) => id === question?.answer.id));

  useKeys((event) => {
    if (event.ctrlKey || event.metaKey || pressesControl(event)) return false;
    const index = choosing ? indexOfKey(event.key, fn.labels.length) : null;
    const key = event.key.toLowerCase();
    if (index !== null) answer(index);
    else if (key === "backspace") takeBack();
    else if (naming && key === "escape") setNaming(false);
    else if (choosing && key === " ") answer(null);
    else if (!choosing && (key === "y" || key === "enter")) agree();
    else if (!choosing && key === "n") setNaming(true);
    else return false;
    return true;
  });

  if (question === undefined) return null;
  return (
    <div className={`stack ${styles["quiz"]}`}>
      <div className="row spread small">
        <span className="number">
          Photo {at + 1} of {quiz.questions.length}
        </span>
        <button
          type="button"
          className="button quiet compact"
          onClick={() => setQuiz((now) => now && { ...now, questions: now.questions.slice(0, at) })}
        >
          End here
        </button>
      </div>
      <ProgressBar name="Quiz" value={at / quiz.questions.length} />
      <PhotoStage
        className={styles["stage"]}
        ids={quiz.questions.slice(at, at + 4).map(({ sampleId }) => sampleId)}
      />
      {choosing ? (
        <>
          <p>{naming ? `Not ${isolated(question.answer.name)}: what is it?` : "What is it?"}</p>
          <LabelButtons labels={fn.labels} pressedId={null} press={answer} />
          <div className="row">
            <button type="button" className="button quiet compact" onClick={() => answer(null)}>
              <kbd className="key" aria-hidden="true">
                Space
              </kbd>
              {naming ? "Wrong, but I cannot say" : "I cannot say"}
            </button>
          </div>
        </>
      ) : (
        <>
          <p className={styles["answer"]}>
            <strong>
              <LabelName label={question.answer} />
            </strong>{" "}
            <span className="muted">{percent(question.confidence)} sure</span>
          </p>
          <div className="row">
            <button type="button" className="button primary" onClick={agree}>
              <kbd className="key" aria-hidden="true">
                Y
              </kbd>
              Right
            </button>
            <button type="button" className="button" onClick={() => setNaming(true)}>
              <kbd className="key" aria-hidden="true">
                N
              </kbd>
              Wrong
            </button>
            <button type="button" className="button quiet" onClick={() => takeBack()}>
              <kbd className="key" aria-hidden="true">
                ⌫
              </kbd>
              Undo
            </button>
          </div>
        </>
      )}
      <QuizScore quiz={quiz} />
    </div>
  );
}
