import { useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { type Invocation, giveFeedback } from "../../api/invocations";
import { percent } from "../../logic/estimate";
import { isolated } from "../../logic/isolated";
import type { SampleLabel } from "../../logic/sampleStore";
import { Icon } from "../../parts/Icon";
import { Picture } from "../../parts/Picture";
import { Busy, Failed } from "../../parts/Waiting";
import { notices } from "../../parts/notices";
import { useFunction } from "../../workspace/context";
import { LabelName } from "../../parts/LabelName";
import type { Asked } from "../../workspace/askHistory";
import { Decision, Evidence } from "./Evidence";
import styles from "./Answer.module.css";
import barStyles from "../../parts/Bar.module.css";

/** The number of likeliest other labels that are offered directly. */
const SHOWN = 6;

/** The function's prediction for one photo. */
export function Answer({ asked, again }: { asked: Asked; again: () => void }) {
  const { name, file, preview, invocation, failure } = asked;
  return (
    <li className={`card ${styles["answer"]}`}>
      <div className={styles["photo"]}>
        <Picture sources={preview === "" ? [] : [preview]} alt={name} />
      </div>
      <div className="stack">
        {failure !== null && <Failed error={failure} {...(file && { retry: again })} />}
        {failure === null && invocation === null && <Busy>Looking at {name}</Busy>}
        {invocation !== null && <Said asked={asked} invocation={invocation} />}
      </div>
    </li>
  );
}

function Said({ asked, invocation }: { asked: Asked; invocation: Invocation }) {
  const { fn } = useFunction();
  const { prediction, modelTime } = invocation;
  const gone = fn.names.every(({ id }) => id !== prediction.label.id);
  return (
    <>
      <div>
        <h2 className={styles["label"]}>
          <LabelName label={prediction.label} />
        </h2>
        {gone && <p className="muted">This label has been deleted since it answered.</p>}
        <p className="muted small number row">
          <Decision of={prediction.decision} />
          <span>
            {percent(prediction.confidence)} sure · version {prediction.model.version} ·{" "}
            {Math.round(modelTime)} ms
          </span>
        </p>
      </div>
      <ol className={styles["ranking"]} aria-label="Most likely labels">
        {prediction.ranking.map(({ label, confidence }) => (
          <li key={label.id}>
            <span className={styles["name"]}>
              <LabelName label={label} />
            </span>
            <span className={`${barStyles["bar"]} ${styles["share"]}`} aria-hidden="true">
              <span className={barStyles["fill"]} style={{ transform: `scaleX(${confidence})` }} />
            </span>
            <span className="number small">{percent(confidence)}</span>
          </li>
        ))}
      </ol>
      <Evidence of={prediction} />
      <FeedbackPart asked={asked} invocation={invocation} />
    </>
  );
}

/** Buttons for feedback: right, or another label. Both add the photo as an annotated sample. */
function FeedbackPart({ asked, invocation }: { asked: Asked; invocation: Invocation }) {
  const { fn, workspace } = useFunction();
  const [all, setAll] = useState(false);
  const feedback = useMutation({
    mutationFn: (label: SampleLabel) => giveFeedback(invocation.id, label.id),
    onSuccess: (given, { name }) => {
      workspace.asks.say(asked.key, name);
      const told = `The photo is now a sample of ${isolated(name)}`;
      if (given.before === "unknown") notices.show(`${told}.`);
      else {
        const undone = (): void => workspace.asks.say(asked.key, null);
        workspace.offerUndo(workspace.takeBack(given, told, undone));
      }
    },
  });
  const answer = fn.names.find(({ id }) => id === invocation.prediction.label.id);
  const others = likeliestFirst(
    fn.names.filter((label) => label !== answer),
    invocation.prediction.ranking.map(({ label }) => label.id),
  );
  const shown = all ? others : others.slice(0, SHOWN);

  if (asked.said !== null)
    return (
      <p className={`tag good ${styles["said"]}`}>Added to the samples as {isolated(asked.said)}</p>
    );
  return (
    <>
      <div className="row">
        {answer !== undefined && (
          <button
            type="button"
            className="button compact"
            disabled={feedback.isPending}
            onClick={() => feedback.mutate(answer)}
          >
            <Icon name="check" />
            This is right
          </button>
        )}
      </div>
      <div className="row" role="group" aria-label="This was wrong, it is">
        <span className="muted small">This was wrong, it is</span>
        {shown.map((label) => (
          <button
            key={label.id}
            type="button"
            className="button compact"
            disabled={feedback.isPending}
            onClick={() => feedback.mutate(label)}
          >
            <LabelName label={label} />
          </button>
        ))}
        {shown.length < others.length && (
          <button type="button" className="button compact quiet" onClick={() => setAll(true)}>
            {others.length - shown.length} more…
          </button>
        )}
      </div>
      {feedback.error !== null && <Failed error={feedback.error} />}
    </>
  );
}

/** Labels in the order of a prediction's ranking, then the others in their own order. */
function likeliestFirst(labels: SampleLabel[], ranking: string[]): SampleLabel[] {
  const place = ({ id }: SampleLabel): number => {
    const at = ranking.indexOf(id);
    return at < 0 ? ranking.length : at;
  };
  return labels.toSorted((one, other) => place(one) - place(other));
}
