import { count } from "../../logic/estimate";
import { keyOf } from "../../logic/keys";
import { useFunction } from "../../workspace/context";
import styles from "./BulkBar.module.css";

interface Props {
  chosen: number;
  all: number;
  /** Whether something is under way that the bar has to wait for. */
  busy: boolean;
  annotate: (labelId: string | null) => void;
  remove: () => void;
  chooseAll: () => void;
  clear: () => void;
}

/** What can be done with the chosen photos. */
export function BulkBar({ chosen, all, busy, annotate, remove, chooseAll, clear }: Props) {
  const { fn } = useFunction();
  return (
    <div className={styles["bulk"]} role="toolbar" aria-label="Chosen photos">
      <strong className="number">{count(chosen, "photo")} chosen</strong>
      {busy && <span role="status">Working on it…</span>}
      <select
        className="input"
        aria-label="Annotate the chosen photos as"
        value=""
        disabled={busy}
        onChange={(event) => annotate(event.target.value)}
      >
        <option value="" disabled>
          Annotate as…
        </option>
        {fn.labels.map(({ id, name }, index) => (
          <option key={id} value={id}>
            {name}
            {keyOf(index) !== null && ` (${keyOf(index) ?? ""})`}
          </option>
        ))}
      </select>
      <button
        type="button"
        className="button compact"
        disabled={busy}
        onClick={() => annotate(null)}
      >
        Clear annotation
      </button>
      <button type="button" className="button compact danger" disabled={busy} onClick={remove}>
        Delete
      </button>
      <span className={styles["end"]}>
        {chosen < all && (
          <button
            type="button"
            className="button compact quiet"
            disabled={busy}
            onClick={chooseAll}
          >
            Choose all {all.toLocaleString("en")}
          </button>
        )}
        <button type="button" className="button compact quiet" onClick={clear}>
          Choose none
        </button>
      </span>
    </div>
  );
}
