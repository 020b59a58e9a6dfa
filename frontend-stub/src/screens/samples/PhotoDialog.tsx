import { type KeyboardEvent, useSyncExternalStore } from "react";
import { percent } from "../../logic/estimate";
import { indexOfKey } from "../../logic/keys";
import { Dialog } from "../../parts/Dialog";
import { LabelButtons } from "../../parts/LabelButtons";
import { Picture } from "../../parts/Picture";
import { useFunction } from "../../workspace/context";
import { NearDuplicates } from "./NearDuplicates";
import { describeSample } from "./SampleCell";

interface Props {
  id: string;
  /** The photos around it, in order. */
  ids: readonly (string | undefined)[];
  show: (id: string) => void;
  close: () => void;
}

/** One photo large, with what is known of it and what to say of it. */
export function PhotoDialog({ id, ids, show, close }: Props) {
  const { fn, workspace } = useFunction();
  useSyncExternalStore(workspace.store.watch, workspace.store.get);
  const sample = workspace.store.sample(id);
  if (sample === undefined) return null;
  const at = ids.indexOf(id);
  const { annotation, crossValidated, disputed, image } = sample;

  function step(by: number): void {
    const next = at < 0 ? undefined : ids[at + by];
    if (next !== undefined) show(next);
  }

  function annotate(index: number): void {
    const label = fn.labels[index];
    if (label) workspace.annotate([id], { id: label.id, name: label.name });
  }

  function remove(): void {
    const next = at < 0 ? undefined : (ids[at + 1] ?? ids[at - 1]);
    workspace.offerUndo(workspace.remove([id]));
    if (next === undefined) close();
    else show(next);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const index = indexOfKey(event.key, fn.labels.length);
    if (event.key === "ArrowRight") step(1);
    else if (event.key === "ArrowLeft") step(-1);
    else if (event.key === "Delete") remove();
    else if (event.key === "Backspace") workspace.undo();
    else if (index !== null) annotate(index);
    else return;
    event.preventDefault();
  }

  return (
    <Dialog title={at < 0 ? "Photo" : `Photo ${at + 1}`} close={close} wide>
      {/* Keys work wherever the focus is in the dialog; each has a button too. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div className="stack keys" tabIndex={-1} data-first-focus="" onKeyDown={onKeyDown}>
        <div className="photo-large">
          <Picture
            key={id}
            sources={[image.url, image.thumbnail]}
            alt={describeSample(sample, at)}
          />
        </div>
        <p className="muted small">
          {crossValidated &&
            `${annotation ? "Without having learned from this photo, the" : "The"} model says ${crossValidated.label.name}, ${percent(crossValidated.confidence)} sure. `}
          {image.width} × {image.height} pixels
          {sample.externalId !== null && `, ${sample.externalId}`}
        </p>
        {disputed && annotation && crossValidated && (
          <p className="row alert warn">
            <span>
              You say {annotation.label.name}, the model {crossValidated.label.name}.
            </span>
            <button
              type="button"
              className="button compact"
              onClick={() => workspace.settleAs(id, annotation.label)}
            >
              Keep {annotation.label.name}
            </button>
          </p>
        )}
        <LabelButtons
          labels={fn.labels}
          pressedId={annotation?.label.id ?? null}
          press={annotate}
        />
        <NearDuplicates
          key={`near ${id}`}
          id={id}
          open={(other) => void workspace.refresh([other]).then(() => show(other))}
        />
        <div className="row spread">
          <div className="row">
            <button
              type="button"
              className="button"
              disabled={at < 0 || ids[at - 1] === undefined}
              onClick={() => step(-1)}
            >
              Previous
            </button>
            <button
              type="button"
              className="button"
              disabled={at < 0 || ids[at + 1] === undefined}
              onClick={() => step(1)}
            >
              Next
            </button>
          </div>
          <div className="row">
            {annotation !== null && (
              <button
                type="button"
                className="button quiet"
                onClick={() => workspace.annotate([id], null)}
              >
                Clear annotation
              </button>
            )}
            <button type="button" className="button quiet danger" onClick={remove}>
              Delete
            </button>
            <button type="button" className="button primary" onClick={close}>
              Close
            </button>
          </div>
        </div>
      </div>
    </Dialog>
  );
}
