import type { Confusion } from "../../api/models";
import { shortened } from "../../logic/labelNames";
import styles from "./ConfusionTable.module.css";

type Named = NonNullable<Confusion["labels"][number]>;

export interface Cell {
  annotated: Named;
  predicted: Named;
}

interface Props {
  confusion: Confusion;
  cell: Cell | null;
  open: (cell: Cell) => void;
}

/** The confusion matrix as a table; cells with more photos have stronger colours. */
export function ConfusionTable({ confusion: { labels, counts }, cell, open }: Props) {
  return (
    // The focus allows scrolling sideways by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={`card ${styles["confusion"]}`} role="region" aria-label="Mix-ups" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Annotated as</span>
            </th>
            {labels.map((predicted, j) => (
              <th key={predicted?.id ?? j} scope="col" title={`Model says ${nameOf(predicted)}`}>
                <bdi>{shortened(nameOf(predicted), 22)}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {labels.map((annotated, i) => {
            const row = counts[i] ?? [];
            const sum = row.reduce((total, one) => total + one, 0);
            return (
              <tr key={annotated?.id ?? i}>
                <th scope="row" title={nameOf(annotated)}>
                  <bdi>{shortened(nameOf(annotated), 30)}</bdi>
                </th>
                {labels.map((predicted, j) => {
                  const count = row[j] ?? 0;
                  if (count === 0 || annotated === null || predicted === null) {
                    return <td key={j}>{count > 0 && count}</td>;
                  }
                  const isOpen =
                    cell?.annotated.id === annotated.id && cell.predicted.id === predicted.id;
                  return (
                    <td key={j}>
                      <button
                        type="button"
                        className={i === j ? styles["right"] : styles["wrong"]}
                        style={{ "--share": `${Math.round(14 + (36 * count) / sum)}%` }}
                        aria-pressed={isOpen}
                        aria-label={`${count} annotated ${annotated.name}, model says ${predicted.name}`}
                        onClick={() => open({ annotated, predicted })}
                      >
                        {count}
                      </button>
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function nameOf(label: Named | null): string {
  return label?.name ?? "(deleted)";
}
