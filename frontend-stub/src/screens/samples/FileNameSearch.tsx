import { useEffect, useRef, useState } from "react";
import styles from "./FilterBar.module.css";

/** How long nothing is typed before it is searched for. */
const PAUSE_MS = 250;

interface Props {
  value: string;
  search: (fileName: string) => void;
}

/** A box that finds photos by a part of the name of their file, while it is typed. */
export function FileNameSearch({ value, search }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  function type(text: string): void {
    setTyped(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setTyped(null);
      search(text);
    }, PAUSE_MS);
  }

  return (
    <input
      type="search"
      className={`input ${styles["search"]}`}
      aria-label="File name"
      placeholder="File name"
      autoComplete="off"
      spellCheck={false}
      maxLength={255}
      value={typed ?? value}
      onChange={(event) => type(event.target.value)}
    />
  );
}
