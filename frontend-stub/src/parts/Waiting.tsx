import { type ReactNode, useEffect, useState } from "react";
import { describe } from "../api/failure";
import styles from "./Waiting.module.css";

/** Shows that something is loading, once that takes long enough to notice. */
export function Busy({ children }: { children: ReactNode }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status" className={late ? styles["busy"] : undefined}>
      {late && children}
    </div>
  );
}

/** Shows an error, and offers to try again. */
export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  return (
    <div role="alert" className="alert">
      <span>{describe(error)}</span>
      {retry && (
        <button type="button" className="button compact" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}
