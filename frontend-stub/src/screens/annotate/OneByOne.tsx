import { useCallback, useRef, useSyncExternalStore } from "react";
import { type Deck, IN_HAND } from "../../logic/deck";
import { percent } from "../../logic/estimate";
import { indexOfKey } from "../../logic/keys";
import { LabelButtons } from "../../parts/LabelButtons";
import { announcer } from "../../parts/notices";
import { isUndo, pressesControl, useKeys } from "../../parts/useKeys";
import { useFunction } from "../../workspace/context";
import { LabelName } from "../../parts/LabelName";
import { FindLabel } from "./FindLabel";
import { PhotoStage } from "./PhotoStage";
import { TurnActions } from "./TurnActions";
import styles from "./OneByOne.module.css";

/** From more labels than this on, one can be found by its name. */
export const MANY_LABELS = 12;

export interface ModeProps {
  deck: Deck;
  guessing: boolean;
  toggleGuessing: () => void;
}

/** One large photo; a key annotates it and shows the next one. */
export function OneByOne({ deck, guessing, toggleGuessing }: ModeProps) {
  const { fn, workspace } = useFunction();
  const { cards, at } = useSyncExternalStore(deck.watch, deck.get);
  useSyncExternalStore(workspace.store.watch, workspace.store.get);
  const search = useRef<HTMLInputElement>(null);
  const id = cards[at];
  const sample = id === undefined ? undefined : workspace.store.sample(id);
  const guess = guessing ? (sample?.crossValidated ?? null) : null;
  const { names: labels } = fn;

  const annotate = useCallback(
    (index: number): void => {
      const label = labels[index];
      const { cards: all, at: now } = deck.get();
      const current = all[now];
      if (label === undefined || current === undefined) return;
      workspace.annotate([current], label, () => deck.returnTo(current));
      deck.advance();
      announcer.say(`${label.name}. Next photo.`);
    },
    [deck, labels, workspace],
  );

  function skip(): void {
    if (id === undefined) return;
    workspace.did("Photo skipped", () => deck.returnTo(id));
    deck.advance();
    announcer.say("Skipped. Next photo.");
  }

  useKeys((event) => {
    if (isUndo(event)) {
      workspace.undo();
      return true;
    }
    if (event.ctrlKey || event.metaKey || pressesControl(event)) return false;
    const index = indexOfKey(event.key, labels.length);
    if (index !== null) annotate(index);
    else if (event.key === " ") skip();
    else if (event.key === "Backspace") workspace.undo();
    else if (event.key === ".") toggleGuessing();
    else if (event.key === "/" && search.current) search.current.focus();
    else if (event.key === "Enter" && guess)
      annotate(labels.findIndex(({ id: label }) => label === guess.label.id));
    else return false;
    return true;
  });

  return (
    <div className={styles["one"]}>
      <PhotoStage className={styles["stage"]} ids={cards.slice(at, at + IN_HAND)} />
      {guessing && (
        <p className={styles["guess"]}>
          {guess ? (
            <>
              The model says{" "}
              <strong>
                <LabelName label={guess.label} />
              </strong>
              , {percent(guess.confidence)} sure.{" "}
              <span className="muted">
                <kbd className="key">Enter</kbd> agrees.
              </span>
            </>
          ) : (
            <span className="muted">The model has not looked at this photo yet.</span>
          )}
        </p>
      )}
      {labels.length > MANY_LABELS && <FindLabel ref={search} labels={labels} pick={annotate} />}
      <LabelButtons
        labels={labels}
        pressedId={sample?.annotation?.label.id ?? null}
        press={annotate}
        guessId={guess?.label.id ?? null}
      />
      <TurnActions skip={skip} />
    </div>
  );
}
