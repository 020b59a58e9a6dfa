import { type KeyboardEvent, useState, useSyncExternalStore } from "react";
import { useMutation } from "@tanstack/react-query";
import { describe } from "../../api/failure";
import { isDoubted } from "../../logic/doubt";
import { percent } from "../../logic/estimate";
import { isolated } from "../../logic/isolated";
import { likeHref } from "../../logic/filters";
import { indexOfKey } from "../../logic/keys";
import { Dialog } from "../../parts/Dialog";
import { LabelButtons } from "../../parts/LabelButtons";
import { Picture } from "../../parts/Picture";
import { go } from "../../parts/router";
import { useFunction } from "../../workspace/context";
import { LabelName } from "../../parts/LabelName";
import { LookedAt } from "./LookedAt";
import { NearDuplicates } from "./NearDuplicates";
import { describeSample } from "./SampleCell";
import { SampleDetails } from "./SampleDetails";
import styles from "./PhotoDialog.module.css";

interface Props {
  id: string;
  /** The photos around it, in order. */
  ids: readonly (string | undefined)[];
  show: (id: string) => void;
  close: () => void;
  /** Show photos like one; among all photos if this is not given. */
  moreLike?: (id: string) => void;
}

/** A large photo with its details, and buttons to annotate it. */
export function PhotoDialog({ id, ids, show, close, moreLike }: Props) {
  const { fn, workspace } = useFunction();
  useSyncExternalStore(workspace.store.watch, workspace.store.get);
  const [looking, setLooking] = useState(false);
  const sample = workspace.store.sample(id);
  if (sample === undefined) return null;
  const at = ids.indexOf(id);
  const { annotation, crossValidated, image, unreadable } = sample;
  const doubted = isDoubted(sample, fn.taughtIds);

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

  function showMoreLike(): void {
    close();
    if (moreLike !== undefined) moreLike(id);
    else go(likeHref(fn.id, id));
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const index = indexOfKey(event.key, fn.labels.length);
    if (event.key === "ArrowRight") step(1);
    else if (event.key === "ArrowLeft") step(-1);
    else if (event.key === "Delete") remove();
    else if (event.key === "=" && unreadable === null) showMoreLike();
    else if (event.key === "Backspace") workspace.undo();
    else if (index !== null) annotate(index);
    else return;
    event.preventDefault();
  }

  return (
    <Dialog title={at < 0 ? "Photo" : `Photo ${at + 1}`} close={close} wide>
      {/* Keys work wherever the focus is in the dialog; each has a button too. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div
        className={`stack ${styles["keys"]}`}
        tabIndex={-1}
        data-first-focus=""
        onKeyDown={onKeyDown}
      >
        <div className={styles["large"]}>
          <Picture
            key={id}
            sources={[image.url, image.thumbnail]}
            alt={describeSample(sample, at, doubted)}
          />
          {looking && (
            <LookedAt key={`seen ${id}`} id={id} width={image.width} height={image.height} />
          )}
        </div>
        <p className="muted small">
          {crossValidated &&
            `${annotation ? "Without having learned from this photo, the" : "The"} model says ${isolated(crossValidated.label.name)}, ${percent(crossValidated.confidence)} sure. `}
          {sample.fileName !== null && <bdi>{sample.fileName}</bdi>}
          {sample.fileName !== null && ", "}
          {image.width} × {image.height} pixels
          {sample.externalId !== null && `, ${sample.externalId}`}
        </p>
        <SampleDetails key={`details ${id}`} id={id} />
        <div className="row">
          <button
            type="button"
            className="button compact"
            aria-pressed={looking}
            onClick={() => setLooking(!looking)}
          >
            What the model looks at
          </button>
          <button
            type="button"
            className="button compact"
            aria-keyshortcuts="="
            disabled={unreadable !== null}
            onClick={showMoreLike}
          >
            More like this
          </button>
        </div>
        {unreadable !== null && <Unreadable id={id} why={unreadable} />}
        {annotation?.source === "ACCEPTED" && (
          <p className="row alert">
            <span>
              <LabelName label={annotation.label} /> was accepted from the model. Nobody has
              confirmed it, so the model does not learn from it.
            </span>
            <button
              type="button"
              className="button compact"
              onClick={() => workspace.annotate([id], annotation.label)}
            >
              Confirm <bdi>{annotation.label.name}</bdi>
            </button>
          </p>
        )}
        {doubted && annotation && crossValidated && (
          <p className="row alert warn">
            <span>
              You say <LabelName label={annotation.label} />, the model{" "}
              <LabelName label={crossValidated.label} />.
            </span>
            <button
              type="button"
              className="button compact"
              onClick={() => workspace.settleAs(id, annotation.label)}
            >
              Keep <bdi>{annotation.label.name}</bdi>
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

/** The reason why a photo cannot be used, and a button to retry it. */
function Unreadable({ id, why }: { id: string; why: string }) {
  const { workspace } = useFunction();
  const retry = useMutation({ mutationFn: () => workspace.readAgain(id) });
  return (
    <div className="alert">
      <span>
        {retry.error === null
          ? `Nothing is learned from this photo. ${why}`
          : describe(retry.error)}
      </span>
      <button
        type="button"
        className="button compact"
        disabled={retry.isPending}
        onClick={() => retry.mutate(undefined)}
      >
        Try again
      </button>
    </div>
  );
}
