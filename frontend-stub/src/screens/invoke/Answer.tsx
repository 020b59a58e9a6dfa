import { useState } from "react";
import { type Invocation, giveFeedback } from "../../api/invocations";
import { percent } from "../../logic/estimate";
import { LabelSelect } from "../../parts/LabelSelect";
import { Picture } from "../../parts/Picture";
import { Busy, Failed } from "../../parts/Waiting";
import { notices } from "../../parts/notices";
import { useTask } from "../../parts/useTask";
import { useFunction } from "../../workspace/context";
import { Decision, Evidence } from "./Evidence";
import type { Asked } from "./InvokeScreen";

/** What the function says of one photo. */
export function Answer({ asked, again }: { asked: Asked; again: () => void }) {
  const { file, preview, invocation, failure } = asked;
  return (
    <li className="card answer">
      <div className="answer-photo">
        <Picture sources={[preview]} alt={file.name} />
      </div>
      <div className="stack">
        {failure !== null && <Failed error={failure} retry={again} />}
        {failure === null && invocation === null && <Busy>Looking at {file.name}</Busy>}
        {invocation !== null && <Said invocation={invocation} />}
      </div>
    </li>
  );
}

function Said({ invocation }: { invocation: Invocation }) {
  const { prediction, modelTime } = invocation;
  return (
    <>
      <div>
        <h2 className="answer-label">{prediction.label.name}</h2>
        <p className="muted small number row">
          <Decision of={prediction.decision} />
          <span>
            {percent(prediction.confidence)} sure · version {prediction.model.version} ·{" "}
            {Math.round(modelTime)} ms
          </span>
        </p>
      </div>
      <ol className="ranking" aria-label="Most likely labels">
        {prediction.ranking.map(({ label, confidence }) => (
          <li key={label.id}>
            <span className="ranking-name">{label.name}</span>
            <span className="bar" aria-hidden="true">
              <span className="fill" style={{ transform: `scaleX(${confidence})` }} />
            </span>
            <span className="number small">{percent(confidence)}</span>
          </li>
        ))}
      </ol>
      <Evidence of={prediction} />
      <Feedback invocation={invocation} />
    </>
  );
}

/** Right, or what it is instead: either way the photo becomes an annotated sample. */
function Feedback({ invocation }: { invocation: Invocation }) {
  const { fn } = useFunction();
  const [said, setSaid] = useState<string | null>(null);
  const feedback = useTask(
    async (labelId: string) => {
      await giveFeedback(invocation.id, labelId);
      return fn.labels.find(({ id }) => id === labelId)?.name ?? "";
    },
    (name) => {
      setSaid(name);
      notices.show(`The photo is now a sample of ${name}.`);
    },
  );

  if (said !== null) return <p className="tag good answer-said">Added to the samples as {said}</p>;
  return (
    <>
      <div className="row">
        <button
          type="button"
          className="button compact"
          disabled={feedback.busy}
          onClick={() => feedback.run(invocation.prediction.label.id)}
        >
          This is right
        </button>
        <LabelSelect
          labels={fn.labels.filter(({ id }) => id !== invocation.prediction.label.id)}
          name="This was wrong, it is"
          prompt="This was wrong, it is…"
          disabled={feedback.busy}
          choose={({ id }) => feedback.run(id)}
        />
      </div>
      {feedback.failure !== undefined && <Failed error={feedback.failure} />}
    </>
  );
}
