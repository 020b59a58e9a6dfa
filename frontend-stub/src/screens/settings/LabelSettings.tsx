import { type SubmitEvent, useState } from "react";
import type { Label } from "../../api/functions";
import { describe } from "../../api/failure";
import { renameLabel } from "../../api/labels";
import { count } from "../../logic/estimate";
import { notices } from "../../parts/notices";
import { useTask } from "../../parts/useTask";
import { useFunction } from "../../workspace/context";
import { NewLabel } from "../annotate/NewLabel";
import { DeleteLabel } from "./DeleteLabel";

/** The labels of a function: new ones, other names, fewer. */
export function LabelSettings() {
  const { fn } = useFunction();
  const [deleting, setDeleting] = useState<Label | null>(null);
  return (
    <section className="card stack" aria-label="Labels">
      <div className="row spread">
        <h2>Labels</h2>
        <NewLabel />
      </div>
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
  const [name, setName] = useState(label.name);
  const renaming = useTask(
    (wanted: string) => renameLabel(label.id, wanted),
    () => notices.show("Label renamed."),
  );
  const changed = name.trim() !== "" && name.trim() !== label.name;

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (changed) renaming.run(name.trim());
  }

  return (
    <li>
      <form className="label-row" onSubmit={submit}>
        <input
          className="input"
          aria-label={`Name of ${label.name}`}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <span className="muted small number">{count(label.sampleCount, "photo")}</span>
        {changed && (
          <button type="submit" className="button compact primary" disabled={renaming.busy}>
            Rename
          </button>
        )}
        <button
          type="button"
          className="button compact quiet danger"
          aria-label={`Delete ${label.name}`}
          onClick={remove}
        >
          Delete
        </button>
        {renaming.failure !== undefined && (
          <p role="alert" className="problem">
            {describe(renaming.failure)}
          </p>
        )}
      </form>
    </li>
  );
}
