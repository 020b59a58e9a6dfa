import { count } from "../../logic/estimate";
import { useFunction } from "../../workspace/context";
import styles from "./AnnotateBar.module.css";

export type Mode = "one" | "many" | "groups";
export type Order = "useful" | "newest" | "oldest";

interface Props {
  order: Order;
  setOrder: (order: Order) => void;
  hasModel: boolean;
  mode: Mode;
  setMode: (mode: Mode) => void;
  guessing: boolean;
  setGuessing: (guessing: boolean) => void;
}

const modes = [
  ["many", "Several at once"],
  ["groups", "Group by group"],
] as const;

/** Progress of the annotation, and the order of photos. */
export function AnnotateBar(props: Props) {
  const { fn } = useFunction();
  const { annotated, unannotated } = fn.sampleCounts;
  return (
    <div className={`row spread ${styles["bar"]}`}>
      <p className="muted small number">
        {annotated.toLocaleString("en")} annotated, {count(unannotated, "photo")} left
      </p>
      <div className="row">
        {props.mode !== "groups" && (
          <select
            className="input"
            aria-label="Order"
            value={props.order}
            onChange={(event) => props.setOrder(event.target.value as Order)}
          >
            {props.hasModel && <option value="useful">Most useful first</option>}
            <option value="oldest">Oldest first</option>
            <option value="newest">Newest first</option>
          </select>
        )}
        {modes.map(([mode, name]) => (
          <button
            key={mode}
            type="button"
            className="button compact"
            aria-pressed={props.mode === mode}
            onClick={() => props.setMode(props.mode === mode ? "one" : mode)}
          >
            {name}
          </button>
        ))}
        {props.hasModel && props.mode !== "groups" && (
          <button
            type="button"
            className="button compact"
            aria-pressed={props.guessing}
            aria-keyshortcuts="."
            title="Show what the model would say (key: full stop)"
            onClick={() => props.setGuessing(!props.guessing)}
          >
            Show guess
          </button>
        )}
      </div>
    </div>
  );
}
