import { useEffect, useId, useRef, useState } from "react";
import { count } from "../logic/estimate";
import { isolated } from "../logic/isolated";
import type { Choice, Outcome, Plan } from "../logic/folders";
import type { FolderChoices } from "./useFolderChoices";
import styles from "./FolderList.module.css";
import rowsStyles from "./Rows.module.css";

/** Folders on one page of the list. */
const PAGE = 50;
/** New labels that are named. */
const NAMED = 8;

/** A list of folders with photos, in which each can be left out and given a label. */
export function FolderList({ choices }: { choices: FolderChoices }) {
  const { plan, labels, folders, levels, level } = choices;
  const [first, setFirst] = useState(0);
  const known = useId();
  const levelId = useId();
  const list = useRef<HTMLUListElement>(null);
  const included = plan.rows.filter(({ choice }) => choice.included).length;
  const all = useRef<HTMLInputElement>(null);

  useEffect(() => {
    if (all.current) all.current.indeterminate = included > 0 && included < folders.length;
  }, [included, folders.length]);

  function turn(to: number): void {
    setFirst(to);
    list.current?.scrollTo(0, 0);
  }

  return (
    <>
      <p className="hint">
        Each folder names the label of its photos. Type another name
        {labels.length > 0 && ", or choose a label of the function"}. An empty field adds the photos
        without a label.
      </p>
      {levels.length > 0 && (
        <div className="row">
          <label htmlFor={levelId} className="label-text">
            Name the labels after
          </label>
          <select
            id={levelId}
            className="input"
            value={level ?? ""}
            onChange={(event) =>
              choices.nameBy(event.target.value === "" ? null : Number(event.target.value))
            }
          >
            <option value="">the folder that contains the photo</option>
            {levels.map(({ level: one, names }) => (
              <option key={one} value={one}>
                {`folders of level ${one}: ${some(names, 3)}`}
              </option>
            ))}
          </select>
        </div>
      )}
      {folders.length > 1 && (
        <label className="choice">
          <input
            ref={all}
            type="checkbox"
            checked={included === folders.length}
            onChange={(event) => choices.includeAll(event.target.checked)}
          />
          <span>All folders</span>
        </label>
      )}
      <datalist id={known}>
        {labels.map((label) => (
          <option key={label} value={label} />
        ))}
      </datalist>
      {/* Long lists scroll, also by keyboard: every row has controls. */}
      <ul
        ref={list}
        className={`${rowsStyles["list"]} ${styles["list"]}`}
        aria-label="Folders with photos"
      >
        {plan.rows.slice(first, first + PAGE).map((row) => (
          <FolderRow
            key={row.folder.path}
            row={row}
            known={known}
            change={(change) => choices.change(row.folder.path, change)}
          />
        ))}
      </ul>
      {folders.length > PAGE && (
        <div className="row spread">
          <p className="muted small number">
            {`Folders ${first + 1} to ${Math.min(first + PAGE, folders.length)} of ${folders.length.toLocaleString("en")}`}
          </p>
          <div className="row">
            <button
              type="button"
              className="button compact"
              disabled={first === 0}
              onClick={() => turn(first - PAGE)}
            >
              Previous folders
            </button>
            <button
              type="button"
              className="button compact"
              disabled={first + PAGE >= folders.length}
              onClick={() => turn(first + PAGE)}
            >
              Next folders
            </button>
          </div>
        </div>
      )}
      <p>{summary(plan)}</p>
    </>
  );
}

interface RowProps {
  row: Plan["rows"][number];
  /** The ID of the list of labels. */
  known: string;
  change: (change: Partial<Choice>) => void;
}

function FolderRow({ row: { folder, choice, outcome }, known, change }: RowProps) {
  const id = useId();
  const slash = folder.path.lastIndexOf("/") + 1;
  const name = folder.path === "" ? "photos outside of folders" : folder.path;
  return (
    <li className={styles["row"]}>
      <label className={`choice ${styles["folder"]}`}>
        <input
          type="checkbox"
          aria-label={`Add ${name}`}
          checked={choice.included}
          onChange={(event) => change({ included: event.target.checked })}
        />
        <span>
          {folder.path === "" ? (
            "Photos outside of folders"
          ) : (
            <>
              <bdi className="muted">{folder.path.slice(0, slash)}</bdi>
              <bdi>{folder.path.slice(slash)}</bdi>
            </>
          )}{" "}
          <span className={`muted small number ${styles["count"]}`}>
            {count(folder.photos, "photo")}
          </span>
        </span>
      </label>
      <input
        className="input"
        aria-label={`Label of ${name}`}
        aria-describedby={id}
        aria-invalid={outcome.kind === "problem"}
        list={known}
        autoComplete="off"
        placeholder="No label"
        value={choice.label}
        disabled={!choice.included}
        onFocus={(event) => event.target.select()}
        onChange={(event) => change({ label: event.target.value })}
      />
      <span id={id}>
        {outcome.kind === "problem" ? (
          <span className="problem">{outcome.problem}</span>
        ) : (
          <span className={outcome.kind === "existing" ? "tag good" : "tag"}>
            {told(outcome, folder.isParent)}
          </span>
        )}
      </span>
    </li>
  );
}

function told({ kind }: Outcome, isParent: boolean): string {
  switch (kind) {
    case "left out":
      return "left out";
    case "without":
      return isParent ? "no label: contains folders" : "no label";
    case "existing":
      return "existing label";
    default:
      return "new label";
  }
}

function summary({ photos, annotated, unlabelled, newLabels, problems }: Plan): string {
  if (photos === 0) return "No folder is ticked, so no photo is added.";
  const parts = [`${count(annotated, "photo")} will be annotated.`];
  if (unlabelled > 0) parts.push(`${count(unlabelled, "photo")} will have no label.`);
  if (problems > 0) parts.push(`${count(problems, "label name")} must be changed first.`);
  if (newLabels.length === 0) parts.push("No label is created.");
  else
    parts.push(`${count(newLabels.length, "label")} will be created: ${some(newLabels, NAMED)}.`);
  return parts.join(" ");
}

/** The first of some names, and how many there are besides. */
function some(names: readonly string[], most: number): string {
  const shown = names.slice(0, most).map(isolated).join(", ");
  const more = names.length - most;
  return more > 0 ? `${shown} and ${more.toLocaleString("en")} more` : shown;
}
