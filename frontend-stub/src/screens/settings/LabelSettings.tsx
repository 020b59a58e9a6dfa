import { type SubmitEvent, useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { describe } from "../../api/failure";
import { updateLabel } from "../../api/labels";
import { count } from "../../logic/estimate";
import { LabelDot } from "../../parts/LabelName";
import { notices } from "../../parts/notices";
import { useFunction } from "../../workspace/context";
import { useDraft } from "../../workspace/useDraft";
import { NewLabel } from "../annotate/NewLabel";
import { DeleteLabel } from "./DeleteLabel";
import type { SettingsLabel, labelSettingsFields, settingsFields } from "./settingsFields";
import rowsStyles from "../../parts/Rows.module.css";

/** The labels of a function: add, rename, describe and delete them. */
export function LabelSettings() {
  const { fn } = useFunction<[typeof settingsFields], [typeof labelSettingsFields]>();
  const [deleting, setDeleting] = useState<SettingsLabel | null>(null);
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
      <ul className={rowsStyles["list"]}>
        {fn.labels.map((label) => (
          <LabelRow key={label.id} label={label} remove={() => setDeleting(label)} />
        ))}
      </ul>
      {deleting !== null && <DeleteLabel label={deleting} close={() => setDeleting(null)} />}
    </section>
  );
}

function LabelRow({ label, remove }: { label: SettingsLabel; remove: () => void }) {
  const { workspace } = useFunction();
  const { value, changed, change, forget } = useDraft(`label ${label.id}`, {
    name: label.name,
    description: label.description ?? "",
  });
  const saving = useMutation({
    mutationFn: () => updateLabel(label.id, value.name.trim(), value.description.trim() || null),
    onSuccess: () => {
      forget();
      const before = { name: label.name, description: label.description };
      const undo = () =>
        void updateLabel(label.id, before.name, before.description).catch(notices.fail);
      workspace.offerUndo(workspace.did("Label saved", undo));
    },
  });

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (changed && value.name.trim() !== "") saving.mutate(undefined);
  }

  return (
    <li>
      <form className={rowsStyles["row"]} onSubmit={submit}>
        <LabelDot id={label.id} />
        <input
          className="input"
          aria-label={`Name of ${label.name}`}
          value={value.name}
          required
          onChange={(event) => change({ ...value, name: event.target.value })}
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
          className={`input ${rowsStyles["description"]}`}
          aria-label={`What ${label.name} looks like`}
          placeholder="What it looks like, in a few words"
          value={value.description}
          onChange={(event) => change({ ...value, description: event.target.value })}
        />
        {value.name.trim() !== label.name && label.sampleCount > 0 && (
          <p className="hint">
            {count(label.sampleCount, "photo")} {label.sampleCount === 1 ? "has" : "have"} the new
            name then, and it learns what the name says anew.
          </p>
        )}
        {changed && (
          <button type="submit" className="button compact primary" disabled={saving.isPending}>
            {saving.isPending ? "Saving…" : "Save label"}
          </button>
        )}
        {saving.error !== null && (
          <p role="alert" className="problem">
            {describe(saving.error)}
          </p>
        )}
      </form>
    </li>
  );
}
