import { useState, useSyncExternalStore } from "react";
import { count, percent } from "../../logic/estimate";
import { indexOfKey } from "../../logic/keys";
import { LabelButtons } from "../../parts/LabelButtons";
import { Picture } from "../../parts/Picture";
import { announcer } from "../../parts/notices";
import { useKeys } from "../../parts/useKeys";
import { useFunction } from "../../workspace/context";
import type { ModeProps } from "./OneByOne";

const AT_ONCE = 18;

/** A page of photos; choose those that show the same and say it once. */
export function ManyAtOnce({ deck, guessing, toggleGuessing }: ModeProps) {
  const { fn, workspace } = useFunction();
  const { cards, at } = useSyncExternalStore(deck.watch, deck.get);
  useSyncExternalStore(workspace.store.watch, workspace.store.get);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const ids = cards.slice(at, at + AT_ONCE);
  const { names: labels } = fn;

  function toggle(id: string): void {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  }

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
    setChosen(new Set());
    announcer.say(`${count(wanted.length, "photo")} annotated as ${label.name}.`);
    if (ids.every((id) => workspace.store.sample(id)?.annotation != null)) more();
  }

  function more(): void {
    setChosen(new Set());
    deck.advance(ids.length);
    announcer.say("The next photos.");
  }

  function move(by: number): void {
    const cells = [...document.querySelectorAll<HTMLElement>(".many > button")];
    const now = cells.findIndex((cell) => cell === document.activeElement);
    cells[Math.max(0, Math.min(cells.length - 1, now + by))]?.focus();
  }

  useKeys((event) => {
    if (event.ctrlKey || event.metaKey) return false;
    const onControl = document.activeElement?.closest("a, button, summary") !== null;
    const index = indexOfKey(event.key, labels.length);
    if (index !== null) annotate(index);
    else if (event.key === "Enter" && !onControl) more();
    else if (event.key === "Backspace") workspace.undo();
    else if (event.key === ".") toggleGuessing();
    else if (event.key === "ArrowRight") move(1);
    else if (event.key === "ArrowLeft") move(-1);
    else if (event.key === "Escape") setChosen(new Set());
    else return false;
    return true;
  });

  return (
    <>
      <div className="many" role="group" aria-label="Photos to annotate">
        {ids.map((id, index) => {
          const sample = workspace.store.sample(id);
          if (sample === undefined) return null;
          const guess = guessing ? sample.crossValidated : null;
          const caption = sample.annotation?.label.name ?? null;
          return (
            <button
              key={id}
              type="button"
              className="cell"
              aria-pressed={chosen.has(id)}
              onClick={() => toggle(id)}
            >
              <Picture sources={[sample.image.thumbnail]} alt={`Photo ${index + 1}`} />
              {caption !== null && <span className="cell-label">{caption}</span>}
              {caption === null && guess && (
                <span className="cell-label guess">
                  {guess.label.name}? {percent(guess.confidence)}
                </span>
              )}
            </button>
          );
        })}
      </div>
      <LabelButtons labels={labels} pressedId={null} press={annotate} />
      <div className="row spread annotate-foot">
        <p className="muted small">
          {chosen.size === 0
            ? "Choose the photos that show the same, then press the label’s key."
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
