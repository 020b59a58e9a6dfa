import type { Period, PeriodLength } from "../../api/monitoring";
import { type Block, periodName } from "../../logic/monitoring";
import styles from "./PeriodChart.module.css";

const WIDTH = 1000;
const HEIGHT = 160;
/** The share of its place that a column leaves free. */
const GAP = 0.16;

interface Props {
  title: string;
  /** What the colours mean, as text that needs no colour. */
  legend: string;
  /** The value at the top of the chart. */
  top: string;
  periods: readonly Period[];
  length: PeriodLength;
  columns: readonly (readonly Block[])[];
  /** The columns of the table below, and the cells of a period. */
  head: readonly string[];
  cells: (period: Period) => readonly string[];
}

/** A column for each period, oldest first, with the same as a table below it. */
export function PeriodChart({ title, legend, top, periods, length, columns, head, cells }: Props) {
  const step = WIDTH / Math.max(1, columns.length);
  const first = periods[0];
  const last = periods.at(-1);
  if (first === undefined || last === undefined) return null;
  return (
    <figure className={`card ${styles["chart"]}`}>
      <figcaption>
        <h2>{title}</h2>
        <p className="muted small">{legend}</p>
      </figcaption>
      <div className={styles["plot"]}>
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${title}, from ${periodName(first.start, length)} to ${periodName(last.start, length)}; the table below has the figures`}
        >
          {[0, 0.5, 1].map((share) => (
            <line key={share} x1="0" x2={WIDTH} y1={share * HEIGHT} y2={share * HEIGHT} />
          ))}
          {columns.map((blocks, index) =>
            blocks.map(({ tone, from, to }) => (
              <rect
                key={`${index} ${tone}`}
                className={styles[tone]}
                x={(index + GAP / 2) * step}
                width={step * (1 - GAP)}
                y={(1 - to) * HEIGHT - (tone === "value" ? 1.5 : 0)}
                height={tone === "value" ? 3 : (to - from) * HEIGHT}
              />
            )),
          )}
        </svg>
        <span className={styles["mark"]}>{top}</span>
        <span className={`${styles["mark"]} ${styles["bottom"]}`}>0</span>
      </div>
      <p className={`row spread muted small number ${styles["ends"]}`}>
        <span>{periodName(first.start, length)}</span>
        <span>{periodName(last.start, length)}</span>
      </p>
      <details className={styles["table"]}>
        <summary className="small">{title} as a table</summary>
        {/* The focus allows scrolling by keyboard. */}
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <div tabIndex={0} role="region" aria-label={`${title}, table`}>
          <table>
            <thead>
              <tr>
                <th scope="col">{length === "HOUR" ? "Hour" : "Day"} (UTC)</th>
                {head.map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {periods
                .filter(({ count }) => count > 0)
                .map((period) => (
                  <tr key={period.start}>
                    <th scope="row">{periodName(period.start, length)}</th>
                    {cells(period).map((cell, index) => (
                      <td key={head[index]}>{cell}</td>
                    ))}
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
