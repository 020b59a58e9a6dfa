import { useEffect, useState } from "react";
import { fetchQuiz } from "../../api/samples";
import { type Quiz, quizOf } from "../../logic/quiz";
import { hrefOf } from "../../logic/route";
import { Failed } from "../../parts/Waiting";
import { useTask } from "../../parts/useTask";
import { useFunction } from "../../workspace/context";
import { QuizQuestion } from "./QuizQuestion";
import { QuizScore } from "./QuizScore";

const QUESTIONS = 20;

/** Photos that nobody annotated, with the model's answers to grade: a check by your own eyes. */
export function QuizPart() {
  const { fn, workspace } = useFunction();
  const [quiz, setQuiz] = useState<Quiz | null>(null);
  const [hidden, setHidden] = useState(false);
  const version = fn.model?.version ?? 0;
  const { grades, store } = workspace;
  const start = useTask(async () => {
    const samples = await fetchQuiz(fn.id, QUESTIONS);
    store.put(samples);
    return quizOf(samples, version);
  }, setQuiz);
  const over = quiz !== null && quiz.grades.length === quiz.questions.length;
  useEffect(() => {
    if (over) grades.flush();
  }, [grades, over]);
  useEffect(() => () => grades.flush(), [grades]);

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
      {quiz?.questions.length === 0 && <NoQuestion />}
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
      {start.failure !== undefined && <Failed error={start.failure} />}
      <div className="row">
        <button
          type="button"
          className="button primary"
          disabled={start.busy}
          onClick={() => start.run(undefined)}
        >
          {start.busy ? "Choosing photos…" : quiz === null ? "Start the quiz" : "Another quiz"}
        </button>
      </div>
    </section>
  );
}

function NoQuestion() {
  const { fn } = useFunction();
  return (
    <p role="alert" className="alert warn">
      {fn.sampleCounts.unannotated > 0 ? (
        <span>
          The model has no new answer to grade yet. Wait until it has read the new photos.
        </span>
      ) : (
        <>
          <span>Every photo is annotated.</span>
          <a href={hrefOf(fn.id, "samples")}>Add photos</a>
        </>
      )}
    </p>
  );
}
