import type { SubmitEvent } from "react";
import { useMutation } from "@tanstack/react-query";
import { Failure, describe } from "../../api/failure";
import { updateFunction } from "../../api/functions";
import { Field } from "../../parts/Field";
import { VisibilityChoice } from "../../parts/VisibilityChoice";
import { notices } from "../../parts/notices";
import { useFunction } from "../../workspace/context";
import { useDraft } from "../../workspace/useDraft";
import { CaptureChoice } from "./CaptureChoice";
import { ErrorRate } from "./ErrorRate";
import type { settingsFields } from "./settingsFields";

/** Name, description, visibility, and automatic training. */
export function GeneralSettings() {
  const { fn } = useFunction<[typeof settingsFields]>();
  const { value, changed, change, forget } = useDraft("settings", {
    name: fn.name,
    description: fn.description ?? "",
    visibility: fn.visibility,
    autoTrain: fn.autoTrain,
    learnsFromUnlabelled: fn.learnsFromUnlabelled,
    maxErrorRate: fn.maxErrorRate,
    capture: fn.capture,
  });
  const saving = useMutation({
    mutationFn: updateFunction,
    onSuccess: () => {
      forget();
      notices.show("Settings saved.");
    },
  });
  const nameProblem = saving.error instanceof Failure ? saving.error.about("name") : undefined;

  function set(part: Partial<typeof value>): void {
    change({ ...value, ...part });
  }

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const { name, description, ...rest } = value;
    saving.mutate({ id: fn.id, name: name.trim(), description: description.trim(), ...rest });
  }

  return (
    <form className="card stack" onSubmit={submit}>
      <Field label="Name" problem={nameProblem}>
        {(props) => (
          <input
            {...props}
            className="input"
            value={value.name}
            required
            onChange={(event) => set({ name: event.target.value })}
          />
        )}
      </Field>
      <Field label="Description">
        {(props) => (
          <textarea
            {...props}
            className="input"
            rows={3}
            value={value.description}
            onChange={(event) => set({ description: event.target.value })}
          />
        )}
      </Field>
      <VisibilityChoice value={value.visibility} change={(visibility) => set({ visibility })} />
      <ErrorRate value={value.maxErrorRate} change={(maxErrorRate) => set({ maxErrorRate })} />
      <label className="choice">
        <input
          type="checkbox"
          checked={value.autoTrain}
          onChange={(event) => set({ autoTrain: event.target.checked })}
        />
        <span>
          Train by itself<span className="hint"> · after every change of annotations</span>
        </span>
      </label>
      <label className="choice">
        <input
          type="checkbox"
          checked={value.learnsFromUnlabelled}
          onChange={(event) => set({ learnsFromUnlabelled: event.target.checked })}
        />
        <span>
          Learn from photos without a label too
          <span className="hint"> · where measured accuracy says that it helps</span>
        </span>
      </label>
      <CaptureChoice value={value.capture} change={(capture) => set({ capture })} />
      {saving.error !== null && nameProblem === undefined && (
        <p role="alert" className="problem">
          {describe(saving.error)}
        </p>
      )}
      <div className="dialog-foot">
        {changed && (
          <>
            <span className="muted small" role="status">
              Not saved yet
            </span>
            <button type="button" className="button quiet" onClick={forget}>
              Discard changes
            </button>
          </>
        )}
        <button type="submit" className="button primary" disabled={saving.isPending}>
          {saving.isPending ? "Saving…" : "Save"}
        </button>
      </div>
    </form>
  );
}
