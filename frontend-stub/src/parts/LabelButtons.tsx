import { memo } from "react";
import { keyOf } from "../logic/keys";
import { LabelDot } from "./LabelName";
import styles from "./LabelButtons.module.css";

interface Props {
  labels: readonly { id: string; name: string }[];
  /** The current label. */
  pressedId: string | null;
  press: (index: number) => void;
  /** The label that the model predicts. */
  guessId?: string | null;
}

/** A button for each label, with its key. */
export const LabelButtons = memo(function LabelButtons({
  labels,
  pressedId,
  press,
  guessId,
}: Props) {
  return (
    <div className={styles["buttons"]} role="group" aria-label="Labels">
      {labels.map(({ id, name }, index) => {
        const key = keyOf(index);
        return (
          <button
            key={id}
            type="button"
            className={
              id === guessId
                ? `button ${styles["button"]} ${styles["guess"]}`
                : `button ${styles["button"]}`
            }
            aria-pressed={id === pressedId}
            aria-keyshortcuts={key ?? undefined}
            onClick={() => press(index)}
          >
            {key !== null && (
              <kbd className="key" aria-hidden="true">
                {key}
              </kbd>
            )}
            <LabelDot id={id} />
            <bdi className={styles["name"]}>{name}</bdi>
            {id === guessId && <span className="visually-hidden">, the model’s guess</span>}
          </button>
        );
      })}
    </div>
  );
});
