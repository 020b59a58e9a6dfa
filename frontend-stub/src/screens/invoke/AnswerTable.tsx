import { memo, useState, useSyncExternalStore } from "react";
import { describe } from "../../api/failure";
import {
  type Column,
  type Outcome,
  type Sorting,
  columns,
  countOutcomes,
  csvOf,
  outcomeNames,
  outcomeOf,
  outcomes,
  sorted,
} from "../../logic/answerTable";
import { decisionText } from "../../logic/decision";
import { count, percent } from "../../logic/estimate";
import { Dialog } from "../../parts/Dialog";
import { LabelName } from "../../parts/LabelName";
import { Picture } from "../../parts/Picture";
import { ProgressBar } from "../../parts/ProgressBar";
import { download } from "../../parts/download";
import { type Asked, canAskAgain } from "../../workspace/askHistory";
import { useFunction } from "../../workspace/context";
import { useThreshold } from "../../workspace/useThreshold";
import { Answer } from "./Answer";
import type { decisionFields } from "./decisionFields";
import styles from "./AnswerTable.module.css";

/** The number of rows that are added at once. */
const PAGE = 100;

const columnNames: Record<Column, string> = {
  photo: "Photo",
  label: "Label",
  confidence: "Confidence",
  decision: "Decision",
};

/** The answers for many photos, as a table that fills as they come. */
export function AnswerTable({ all }: { all: readonly Asked[] }) {
  const { fn, workspace } = useFunction();
  const [only, setOnly] = useState<Outcome | null>(null);
  const [sorting, setSorting] = useState<Sorting | null>(null);
  const [most, setMost] = useState(PAGE);
  const [opened, setOpened] = useState<number | null>(null);
  const counts = countOutcomes(all);
  const rows = sorted(only === null ? all : all.filter((one) => outcomeOf(one) === only), sorting);
  const open = all.find(({ key }) => key === opened);

  return (
    <section className="stack" aria-label="Table of answers">
      <Progress all={all} waiting={counts.WAITING} failed={counts.FAILED} />
      <div className="row spread">
        <div className="row" role="group" aria-label="Which photos">
          <Choice
            name="All"
            count={all.length}
            chosen={only === null}
            choose={() => setOnly(null)}
          />
          {outcomes
            .filter((outcome) => counts[outcome] > 0 || outcome === only)
            .map((outcome) => (
              <Choice
                key={outcome}
                name={outcomeNames[outcome]}
                count={counts[outcome]}
                chosen={only === outcome}
                choose={() => setOnly(outcome)}
              />
            ))}
        </div>
        <button
          type="button"
          className="button compact"
          onClick={() => download(`${fn.name} answers.csv`, "text/csv", csvOf(rows))}
        >
          Download CSV
        </button>
      </div>
      <div className={`card ${styles["scroll"]}`}>
        <table className={styles["table"]}>
          <thead>
            <tr>
              {columns.map((column) => (
                <Head key={column} column={column} sorting={sorting} sort={setSorting} />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, most).map((one) => (
              <Row key={one.key} one={one} open={setOpened} />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > most && (
        <button type="button" className="button" onClick={() => setMost(most + PAGE)}>
          Show more
        </button>
      )}
      {open !== undefined && (
        <Dialog title={open.name} close={() => setOpened(null)} wide>
          <ul>
            <Answer asked={open} again={() => workspace.asks.again(open)} />
          </ul>
          <div className="dialog-foot">
            <button type="button" className="button" onClick={() => setOpened(null)}>
              Close
            </button>
          </div>
        </Dialog>
      )}
    </section>
  );
}

interface ProgressProps {
  all: readonly Asked[];
  waiting: number;
  failed: number;
}

/** How many photos are answered, and buttons to stop and to ask again. */
function Progress({ all, waiting, failed }: ProgressProps) {
  const { asks } = useFunction().workspace;
  const pace = useSyncExternalStore(asks.turns.watch, asks.turns.get);
  const again = all.filter(canAskAgain);
  const answered = all.length - waiting - failed;
  return (
    <div className="stack">
      <div className="row spread">
        <p className="number">
          {answered.toLocaleString("en")} of {count(all.length, "photo")} answered
          {failed > 0 && `, ${failed.toLocaleString("en")} failed`}
          {pace === "paused" && waiting > 0 && (
            <span className="muted"> · waiting, as the server asked for a pause</span>
          )}
        </p>
        <div className="row">
          {waiting > 0 && (
            <button type="button" className="button compact" onClick={() => asks.turns.stop()}>
              Stop
            </button>
          )}
          {again.length > 0 && (
            <button
              type="button"
              className="button compact"
              onClick={() => again.forEach((one) => asks.again(one))}
            >
              Ask {count(again.length, "photo")} again
            </button>
          )}
        </div>
      </div>
      {waiting > 0 && <ProgressBar name="Answers" value={1 - waiting / all.length} />}
    </div>
  );
}

interface ChoiceProps {
  name: string;
  count: number;
  chosen: boolean;
  choose: () => void;
}

function Choice({ name, count: photos, chosen, choose }: ChoiceProps) {
  return (
    <button type="button" className="button compact" aria-pressed={chosen} onClick={choose}>
      {name} <span className="muted number">{photos.toLocaleString("en")}</span>
    </button>
  );
}

interface HeadProps {
  column: Column;
  sorting: Sorting | null;
  sort: (sorting: Sorting | null) => void;
}

/** The head of a column: a press sorts up, another down, a third not at all. */
function Head({ column, sorting, sort }: HeadProps) {
  const current = sorting?.column === column ? sorting : null;
  function next(): Sorting | null {
    if (current === null) return { column, descending: false };
    return current.descending ? null : { column, descending: true };
  }
  return (
    <th
      scope="col"
      aria-sort={current === null ? "none" : current.descending ? "descending" : "ascending"}
    >
      <button type="button" className="button compact quiet" onClick={() => sort(next())}>
        {columnNames[column]}
        <span aria-hidden="true">{current === null ? "" : current.descending ? "↓" : "↑"}</span>
      </button>
    </th>
  );
}

const Row = memo(function Row({ one, open }: { one: Asked; open: (key: number) => void }) {
  const { name, thumbnail, invocation, failure, said } = one;
  const prediction = invocation?.prediction;
  return (
    <tr>
      <th scope="row">
        <button type="button" className={styles["photo"]} onClick={() => open(one.key)}>
          <span className={styles["thumbnail"]} aria-hidden="true">
            {thumbnail !== "" && <Picture sources={[thumbnail]} alt="" loading="lazy" />}
          </span>
          <bdi>{name}</bdi>
        </button>
      </th>
      {prediction === undefined ? (
        <td colSpan={3}>
          {failure === null ? (
            <span className="muted">{outcomeNames.WAITING}</span>
          ) : (
            <span className="problem">{describe(failure)}</span>
          )}
        </td>
      ) : (
        <>
          <td>
            <LabelName label={prediction.label} />
            {said !== null && (
              <span className="muted small">
                {" "}
                → <bdi>{said}</bdi>
              </span>
            )}
          </td>
          <td className="number">{percent(prediction.confidence)}</td>
          <td>
            <ShortDecision of={prediction.decision} />
          </td>
        </>
      )}
    </tr>
  );
});

function ShortDecision({ of: decision }: { of: "ACCEPT" | "REVIEW" | "NONE_OF_THESE" }) {
  const { maxErrorRate } = useFunction<[typeof decisionFields]>().fn;
  const { text, tone } = decisionText(decision, useThreshold(maxErrorRate), maxErrorRate);
  return (
    <span className={`tag ${tone}`} title={text}>
      {outcomeNames[decision]}
    </span>
  );
}
