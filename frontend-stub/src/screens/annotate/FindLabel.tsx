import { type Ref, useState } from "react";
import styles from "./FindLabel.module.css";

interface Props {
  ref: Ref<HTMLInputElement>;
  labels: readonly { id: string; name: string }[];
  pick: (index: number) => void;
}

const SHOWN = 6;

/** Choose a label by its name, for functions with more labels than keys. */
export function FindLabel({ ref, labels, pick }: Props) {
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const matches =
    wanted === ""
      ? []
      : labels
          .map((label, index) => ({ ...label, index }))
          .filter(({ name }) => name.toLowerCase().includes(wanted))
          .sort((one, other) => rank(one.name, wanted) - rank(other.name, wanted))
          .slice(0, SHOWN);

  function choose(index: number | undefined): void {
    if (index === undefined) return;
    setText("");
    pick(index);
  }

  return (
    <div className={styles["find"]}>
      <input
        ref={ref}
        className="input"
        type="search"
        aria-label="Find a label; Enter annotates with the first match"
        placeholder="Find a label ( / )"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") choose(matches[0]?.index);
          if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
        }}
      />
      {matches.length > 0 && (
        <div className="row" role="group" aria-label="Matching labels">
          {matches.map(({ id, name, index }) => (
            <button key={id} type="button" className="button compact" onClick={() => choose(index)}>
              {name}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

/** Names that start with the text come first. */
function rank(name: string, wanted: string): number {
  return name.toLowerCase().startsWith(wanted) ? 0 : 1;
}
