import type { Ref } from "react";
import { confidenceNames } from "../../logic/chips";
import {
  type Confidence,
  type Filters,
  type Order,
  type State,
  isFiltered,
  noFilters,
  searchOf,
  states,
  withSearch,
} from "../../logic/filters";
import { searchHints } from "../../logic/search";
import { useFunction } from "../../workspace/context";
import { ActiveFilters } from "./ActiveFilters";
import { SearchField } from "./SearchField";
import type { searchFields } from "./searchFields";
import styles from "./FilterBar.module.css";

const stateNames: Record<State, string> = {
  all: "All photos",
  unannotated: "Not annotated",
  annotated: "Annotated",
  accepted: "Accepted, not confirmed",
  disputed: "You and the model disagree",
  captured: "Kept from questions",
};

const orderNames: Record<Order, string> = {
  newest: "Newest first",
  oldest: "Oldest first",
  unsure: "Least sure first",
  sure: "Most sure first",
};

/** Limits of the API, in characters. */
const MOST_WORDS = 200;
const MOST_FILE_NAME = 255;

interface Props {
  filters: Filters;
  /** The number of photos in the list, and their order if they were searched for. */
  found: string;
  change: (filters: Filters) => void;
  /** The text box of the search. */
  box: Ref<HTMLInputElement>;
}

/** Which photos are shown, and in which order. */
export function FilterBar({ filters, found, change, box }: Props) {
  const { fn } = useFunction<[typeof searchFields]>();
  const { total: all, annotated, unannotated } = fn.sampleCounts;
  const counts: Partial<Record<State, number>> = { all, annotated, unannotated };
  const labels = fn.labels.map(({ id, name }) => [id, name] as const);
  return (
    <div className={styles["filters"]} role="group" aria-label="Filters">
      <SearchField
        box={box}
        name="Search by what photos show"
        className={styles["words"]}
        shortcut="/"
        maxLength={MOST_WORDS}
        value={filters.words}
        search={(words) => change(withSearch(filters, words.trim() === "" ? null : { words }))}
      />
      <div className={styles["chips"]} role="group" aria-label="Which photos">
        {states.map((state) => (
          <button
            key={state}
            type="button"
            className={`button compact ${styles["chip"]}`}
            aria-pressed={filters.state === state}
            onClick={() => change({ ...filters, state })}
          >
            {stateNames[state]}
            {counts[state] !== undefined && (
              <span className="muted number">{counts[state].toLocaleString("en")}</span>
            )}
          </button>
        ))}
      </div>
      <Choice
        name="Annotated as"
        value={filters.labelId ?? ""}
        options={[["", "Any label"], ...labels]}
        choose={(id) => change({ ...filters, labelId: id || null })}
      />
      {fn.model !== null && (
        <>
          <Choice
            name="The model says"
            value={filters.predictedId ?? ""}
            options={[
              ["", "Any answer"],
              ...labels.map(([id, name]) => [id, `Model says ${name}`] as const),
            ]}
            choose={(id) => change({ ...filters, predictedId: id || null })}
          />
          <Choice
            name="Confidence of the model"
            value={filters.confidence}
            options={Object.entries(confidenceNames)}
            choose={(confidence) => change({ ...filters, confidence: confidence as Confidence })}
          />
        </>
      )}
      {searchOf(filters) === null && (
        <Choice
          name="Order"
          value={filters.order}
          options={Object.entries(orderNames).filter(
            ([order]) => fn.model !== null || order === "newest" || order === "oldest",
          )}
          choose={(order) => change({ ...filters, order: order as Order })}
        />
      )}
      <SearchField
        name="File name"
        className={styles["search"]}
        maxLength={MOST_FILE_NAME}
        value={filters.fileName}
        search={(fileName) => change({ ...filters, fileName })}
      />
      {isFiltered(filters) && (
        <button type="button" className="button quiet compact" onClick={() => change(noFilters)}>
          Clear filters
        </button>
      )}
      <span className={`${styles["total"]} muted small number`} role="status">
        {found}
      </span>
      <ActiveFilters filters={filters} change={change} />
      {searchOf(filters) !== null && (
        <p className={`${styles["hints"]} hint`}>{searchHints(filters, fn).join(" ")}</p>
      )}
    </div>
  );
}

interface ChoiceProps {
  name: string;
  value: string;
  options: (readonly [string, string])[];
  choose: (value: string) => void;
}

function Choice({ name, value, options, choose }: ChoiceProps) {
  return (
    <select
      className="input"
      aria-label={name}
      title={name}
      value={value}
      onChange={(event) => choose(event.target.value)}
    >
      {options.map(([id, text]) => (
        <option key={id} value={id}>
          {text}
        </option>
      ))}
    </select>
  );
}
