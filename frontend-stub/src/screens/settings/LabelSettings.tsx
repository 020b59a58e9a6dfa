import { type SubmitEvent, useState } from "react";
import type { Label } from "../../api/functions";
import { describe } from "../../api/failure";
import { updateLabel } from "../../api/labels";
import { count } from "../../logic/estimate";
import { notices } from "../../parts/notices";
import { useTask } from "../../parts/useTask";
import { useFunction } from "../../workspace/context";
import { NewLabel } from "../annotate/NewLabel";
import { DeleteLabel } from "./DeleteLabel";

/** The labels of a function: new ones, other names and words, fewer. */
export function LabelSettings() {
  const { fn } = useFunction();
  const [deleting, setDeleting] = useState<Label | null>(null);
  return (
    <section className="card stack" aria-label="Labels">
      <div className="row spread">
        <h2>Labels</h2>
        <NewLabel />
      </div>
      <p className="hint">
        Name and words help before there are photos to learn from, where the encoder can read them:
        “flat shoes that leave the heel open” tells more than “mules”.
      </p>
      <ul className="label-list">
        {fn.labels.map((label) => (
          <LabelRow key={label.id} label={label} remove={() => setDeleting(label)} />
        ))}
      </ul>
      {deleting !== null && <DeleteLabel label={deleting} close={() => setDeleting(null)} />}
    </section>
  );
}

function LabelRow({ label, remove }: { label: Label; remove: () => void }) {
  const before = label.description ?? "";
  const [name, setName] = useState(label.name);
  const [description, setDescription] = useState(before);
  const saving = useTask(
    () => updateLabel(label.id, name.trim(), description.trim() || null),
    () => notices.show("Label saved."),
  );
  const changed = name.trim() !== label.name || description.trim() !== before;

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (changed && name.trim() !== "") saving.run(undefined);
  }

  return (
    <li>
      <form className="label-row" onSubmit={submit}>
        <input
          className="input"
          aria-label={`Name of ${label.name}`}
          value={name}
          required
          onChange={(event) => setName(event.target.value)}
        />
        <span className="muted small number">{count(label.sampleCount, "photo")}</span>
        <button
          type="button"
          className="button compact quiet danger"
          aria-label={`Delete ${label.name}`}
          onClick={remove}
        >
          Delete
        </button>
        <input
          className="input label-description"
          aria-label={`What ${label.name} looks like`}
          placeholder="What it looks like, in a few words"
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
        {changed && (
          <button type="submit" className="button compact primary" disabled={saving.busy}>
            {saving.busy ? "Saving…" : "Save label"}
          </button>
        )}
        {saving.failure !== undefined && (
          <p role="alert" className="problem">
            {describe(saving.failure)}
          </p>
        )}
      </form>
    </li>
  );
}
