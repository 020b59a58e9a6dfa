import { type KeyboardEvent, type Ref, useEffect, useEffectEvent, useState } from "react";
import { Icon } from "../../parts/Icon";
import styles from "./SearchField.module.css";

/** Time without typing after which the search starts. */
const PAUSE_MS = 250;

interface Props {
  name: string;
  value: string;
  search: (text: string) => void;
  maxLength: number;
  /** The key that moves the focus here. */
  shortcut?: string;
  box?: Ref<HTMLInputElement>;
  className?: string | undefined;
}

/** A text box that searches while the user types; Escape and its button clear it. */
export function SearchField({
  name,
  value,
  search,
  maxLength,
  shortcut,
  box,
  className = "",
}: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? value;

  function searchFor(wanted: string): void {
    if (wanted !== value) search(wanted);
    setTyped(null);
  }
  const afterPause = useEffectEvent(searchFor);
  useEffect(() => {
    if (typed === null) return;
    const timer = setTimeout(() => afterPause(typed), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);

  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape" && text !== "") searchFor("");
    else if (event.key === "Enter") searchFor(text);
    else return;
    event.preventDefault();
  }

  return (
    <span className={`${styles["field"]} ${className}`}>
      <input
        ref={box}
        type="search"
        className={`input ${styles["box"]}`}
        aria-label={name}
        aria-keyshortcuts={shortcut}
        placeholder={name}
        autoComplete="off"
        spellCheck={false}
        maxLength={maxLength}
        value={text}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {text !== "" && (
        <button
          type="button"
          className={styles["clear"]}
          title="Clear"
          onClick={(event) => {
            searchFor("");
            event.currentTarget.parentElement?.querySelector("input")?.focus();
          }}
        >
          <Icon name="close" />
          <span className="visually-hidden">Clear: {name}</span>
        </button>
      )}
    </span>
  );
}
