import { type SubmitEvent, useState } from "react";
import { Failure, describe } from "../../api/failure";
import { updateFunction } from "../../api/functions";
import { Field } from "../../parts/Field";
import { VisibilityChoice } from "../../parts/VisibilityChoice";
import { notices } from "../../parts/notices";
import { useTask } from "../../parts/useTask";
import { useFunction } from "../../workspace/context";
import { CaptureChoice } from "./CaptureChoice";
import { ErrorRate } from "./ErrorRate";

/** Name, description, who may use it, and whether it learns by itself. */
export function GeneralSettings() {
  const { fn } = useFunction();
  const [name, setName] = useState(fn.name);
  const [description, setDescription] = useState(fn.description ?? "");
  const [visibility, setVisibility] = useState(fn.visibility);
  const [maxErrorRate, setMaxErrorRate] = useState(fn.maxErrorRate);
  const [autoTrain, setAutoTrain] = useState(fn.autoTrain);
  const [capture, setCapture] = useState(fn.capture);
  const saving = useTask(updateFunction, () => notices.show("Settings saved."));
  const nameProblem = saving.failure instanceof Failure ? saving.failure.about("name") : undefined;

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    saving.run({
      id: fn.id,
      name: name.trim(),
      description: description.trim(),
      visibility,
      autoTrain,
      maxErrorRate,
      capture,
    });
  }

  return (
    <form className="card stack" onSubmit={submit}>
      {fn.encoderWarning !== null && <p className="alert warn">{fn.encoderWarning}</p>}
      <Field label="Name" problem={nameProblem}>
        {(props) => (
          <input
            {...props}
            className="input"
            value={name}
            required
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Field label="Description">
        {(props) => (
          <textarea
            {...props}
            className="input"
            rows={3}
            value={description}
            onChange={(event) => setDescription(event.target.value)}
          />
        )}
      </Field>
      <VisibilityChoice value={visibility} change={setVisibility} />
      <ErrorRate value={maxErrorRate} change={setMaxErrorRate} />
      <label className="choice">
        <input
          type="checkbox"
          checked={autoTrain}
          onChange={(event) => setAutoTrain(event.target.checked)}
        />
        <span>
          Train by itself<span className="hint"> · after every change of annotations</span>
        </span>
      </label>
      <CaptureChoice value={capture} change={setCapture} />
      {saving.failure !== undefined && nameProblem === undefined && (
        <p role="alert" className="problem">
          {describe(saving.failure)}
        </p>
      )}
      <div className="dialog-foot">
        <button type="submit" className="button primary" disabled={saving.busy}>
          {saving.busy ? "Saving…" : "Save"}
        </button>
      </div>
    </form>
  );
}
