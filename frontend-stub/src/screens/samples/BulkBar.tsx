import { count } from "../../logic/estimate";
import { keyOf } from "../../logic/keys";
import { useFunction } from "../../workspace/context";
import styles from "./BulkBar.module.css";

interface Props {
  chosen: readonly string[];
  all: number;
  /** Whether the bar has to wait for another action. */
  busy: boolean;
  annotate: (labelId: string | null) => void;
  moreLike: (id: string) => void;
  remove: () => void;
  chooseAll: () => void;
  clear: () => void;
}

/** Actions on the selected photos. */
export function BulkBar(props: Props) {
  const { chosen, all, busy, annotate, moreLike, remove, chooseAll, clear } = props;
  const { fn } = useFunction();
  const only = chosen.length === 1 ? chosen[0] : undefined;
  return (
    <div className={styles["bulk"]} role="toolbar" aria-label="Chosen photos">
      <strong className="number">{count(chosen.length, "photo")} chosen</strong>
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
      {only !== undefined && (
        <button
          type="button"
          className="button compact"
          disabled={busy}
          onClick={() => moreLike(only)}
        >
          More like this
        </button>
      )}
      <button type="button" className="button compact danger" disabled={busy} onClick={remove}>
        Delete
      </button>
      <span className={styles["end"]}>
        {chosen.length < all && (
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
