import { useRef, useState, useSyncExternalStore } from "react";
import { count, percent } from "../../logic/estimate";
import { indexOfKey } from "../../logic/keys";
import { type Selection, extend, nothingChosen, toggle } from "../../logic/selection";
import { LabelButtons } from "../../parts/LabelButtons";
import { Picture } from "../../parts/Picture";
import { announcer } from "../../parts/notices";
import { useDragRange } from "../../parts/useDragRange";
import { isUndo, useKeys } from "../../parts/useKeys";
import { useFunction } from "../../workspace/context";
import { LabelName } from "../../parts/LabelName";
import type { ModeProps } from "./OneByOne";
import styles from "./ManyAtOnce.module.css";
import cellStyles from "../../parts/Cell.module.css";

const AT_ONCE = 18;

/** A page of photos: select those that show the same, and annotate them together. */
export function ManyAtOnce({ deck, guessing, toggleGuessing }: ModeProps) {
  const { fn, workspace } = useFunction();
  const { cards, at } = useSyncExternalStore(deck.watch, deck.get);
  useSyncExternalStore(workspace.store.watch, workspace.store.get);
  const [selection, select] = useState<Selection>(nothingChosen);
  const { chosen } = selection;
  const grid = useRef<HTMLDivElement>(null);
  const ids = cards.slice(at, at + AT_ONCE);
  const { names: labels } = fn;

  /** Select the photos from one position to another, in addition to those selected before. */
  function chooseRange(from: number, to: number): void {
    const anchor = ids[from];
    if (anchor === undefined) return;
    select((now) => extend(now, anchor, ids.slice(Math.min(from, to), Math.max(from, to) + 1)));
  }

  /** Select from the start of a range to a photo. */
  function chooseTo(index: number): void {
    const from = selection.anchor === null ? index : ids.indexOf(selection.anchor);
    chooseRange(from < 0 ? index : from, index);
  }

  useDragRange(grid, chooseRange);

  function annotate(index: number): void {
    const label = labels[index];
    const wanted = ids.filter((id) => chosen.has(id));
    if (label === undefined || wanted.length === 0) {
      announcer.say("Choose photos first.");
      return;
    }
    workspace.annotate(wanted, label, () => {
      if (wanted[0] !== undefined) deck.returnTo(ids[0] ?? wanted[0]);
    });
    select(nothingChosen);
    announcer.say(`${count(wanted.length, "photo")} annotated as ${label.name}.`);
    if (ids.every((id) => workspace.store.sample(id)?.annotation != null)) more();
  }

  function more(): void {
    select(nothingChosen);
    deck.advance(ids.length);
    announcer.say("The next photos.");
  }

  function move(by: number, ranging: boolean): void {
    const photos = [...(grid.current?.children ?? [])];
    const now = photos.findIndex((photo) => photo === document.activeElement);
    const next = Math.max(0, Math.min(photos.length - 1, now + by));
    if (ranging) chooseRange(Math.max(0, now), next);
    (photos[next] as HTMLElement | undefined)?.focus();
  }

  useKeys((event) => {
    const command = event.ctrlKey || event.metaKey;
    if (isUndo(event)) workspace.undo();
    else if (command && event.key.toLowerCase() === "a")
      select({ chosen: new Set(ids), anchor: null });
    else if (command) return false;
    if (command) return true;
    const onControl = document.activeElement?.closest("a, button, summary") !== null;
    const index = indexOfKey(event.key, labels.length);
    if (index !== null) annotate(index);
    else if (event.key === "Enter" && !onControl) more();
    else if (event.key === "Backspace") workspace.undo();
    else if (event.key === ".") toggleGuessing();
    else if (event.key === "ArrowRight") move(1, event.shiftKey);
    else if (event.key === "ArrowLeft") move(-1, event.shiftKey);
    else if (event.key === "Escape") select(nothingChosen);
    else return false;
    return true;
  });

  return (
    <>
      <div ref={grid} className={styles["many"]} role="group" aria-label="Photos to annotate">
        {ids.map((id, index) => {
          const sample = workspace.store.sample(id);
          if (sample === undefined) return null;
          const guess = guessing ? sample.crossValidated : null;
          const caption = sample.annotation?.label ?? null;
          return (
            <button
              key={id}
              type="button"
              className={`${cellStyles["cell"]} ${styles["photo"]}`}
              data-index={index}
              aria-pressed={chosen.has(id)}
              onClick={(event) =>
                event.shiftKey ? chooseTo(index) : select(toggle(selection, id))
              }
            >
              <Picture sources={[sample.image.thumbnail]} alt={`Photo ${index + 1}`} />
              {caption !== null && (
                <span className={cellStyles["label"]}>
                  <LabelName label={caption} />
                </span>
              )}
              {caption === null && guess && (
                <span className={`${cellStyles["label"]} ${cellStyles["guess"]}`}>
                  <LabelName label={guess.label} text={`${guess.label.name}?`} />{" "}
                  {percent(guess.confidence)}
                </span>
              )}
            </button>
          );
        })}
      </div>
      <LabelButtons labels={labels} pressedId={null} press={annotate} />
      <div className="row spread">
        <p className="muted small">
          {chosen.size === 0
            ? "Choose photos that show the same, by clicks, a drag or Shift, then press the label’s key."
            : `${count(chosen.size, "photo")} chosen.`}
        </p>
        <div className="row">
          <button type="button" className="button quiet compact" onClick={() => workspace.undo()}>
            <kbd className="key" aria-hidden="true">
              ⌫
            </kbd>
            Undo
          </button>
          <button type="button" className="button" onClick={more}>
            Next photos
          </button>
        </div>
      </div>
    </>
  );
}
