import { useEffect, useEffectEvent, useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { fetchQuiz } from "../../api/quiz";
import { type Quiz, quizOf } from "../../logic/quiz";
import { hrefOf } from "../../logic/route";
import { Busy, Failed } from "../../parts/Waiting";
import { useFunction } from "../../workspace/context";
import { QuizQuestion } from "./QuizQuestion";
import { QuizScore } from "./QuizScore";

const QUESTIONS = 20;
const LOOK_EVERY_MS = 1_500;

/** How often to check for predictions of new photos before giving up. */
const LOOKS = 15;

/** The quiz: photos without annotations, with the model's predictions to grade. */
export function QuizPart() {
  const { fn, workspace } = useFunction();
  const [quiz, setQuiz] = useState<Quiz | null>(null);
  const [hidden, setHidden] = useState(false);
  const version = fn.model?.version ?? 0;
  const { grades, store } = workspace;
  const start = useMutation({
    mutationFn: async () => {
      const samples = await fetchQuiz(fn.id, QUESTIONS);
      store.put(samples);
      return quizOf(samples, version);
    },
    onSuccess: setQuiz,
  });
  const over = quiz !== null && quiz.grades.length === quiz.questions.length;
  useEffect(() => {
    if (over) grades.flush();
  }, [grades, over]);
  useEffect(() => () => grades.flush(), [grades]);
  const [looks, setLooks] = useState(0);
  const empty = quiz?.questions.length === 0;
  const waiting = empty && fn.sampleCounts.unannotated > 0 && looks < LOOKS;
  useLookAgain(waiting, () => {
    if (start.isPending) return;
    setLooks((before) => before + 1);
    start.mutate(undefined);
  });

  function begin(): void {
    setLooks(0);
    start.mutate(undefined);
  }

  if (quiz !== null && !over) {
    return <QuizQuestion quiz={quiz} setQuiz={setQuiz} hidden={hidden} />;
  }
  return (
    <section className="card stack">
      {quiz === null || quiz.questions.length === 0 ? (
        <>
          <h2>Grade its answers yourself</h2>
          <p className="muted">
            Up to {QUESTIONS} photos that nobody has annotated, each with the model’s answer. Say
            right or wrong; what you say becomes annotations too.
          </p>
        </>
      ) : (
        <>
          <h2>Graded</h2>
          <QuizScore quiz={quiz} />
        </>
      )}
      {empty && <NoQuestion waiting={waiting} />}
      <label className="choice">
        <input
          type="checkbox"
          checked={hidden}
          onChange={(event) => setHidden(event.target.checked)}
        />
        <span>
          Hide the answer until I have said mine
          <span className="hint"> · so that it does not lead you</span>
        </span>
      </label>
      {start.error !== null && <Failed error={start.error} />}
      <div className="row">
        <button
          type="button"
          className="button primary"
          disabled={start.isPending || waiting}
          onClick={begin}
        >
          {start.isPending || waiting
            ? "Choosing photos…"
            : quiz === null
              ? "Start the quiz"
              : "Another quiz"}
        </button>
      </div>
    </section>
  );
}

function NoQuestion({ waiting }: { waiting: boolean }) {
  const { fn } = useFunction();
  const { total, unannotated } = fn.sampleCounts;
  if (waiting) {
    return <Busy>The model is still answering the new photos. The quiz starts by itself</Busy>;
  }
  return (
    <p role="alert" className="alert warn">
      <span>
        {unannotated > 0
          ? "You have graded every answer of this version."
          : total > 0
            ? "Every photo is annotated: a quiz needs some that are not."
            : "There are no photos yet."}
      </span>
      <a href={hrefOf(fn.id, "samples")}>Add photos</a>
    </p>
  );
}

/** Repeat something for as long as it is needed. */
function useLookAgain(needed: boolean, look: () => void): void {
  const again = useEffectEvent(look);
  useEffect(() => {
    if (!needed) return;
    const timer = setInterval(() => again(), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [needed]);
}
