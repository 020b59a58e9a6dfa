import type { PredictedLabel } from "../../api/monitoring";
import { percent } from "../../logic/estimate";
import { shareFigure, shareWords } from "../../logic/monitoring";
import { LabelName } from "../../parts/LabelName";
import styles from "./PredictedLabels.module.css";

/** How often each label was the answer, beside its share of the photos that taught it. */
export function PredictedLabels({ labels }: { labels: readonly PredictedLabel[] }) {
  return (
    <section className={`card ${styles["labels"]}`} aria-label="What it answered">
      <h2>What it answered</h2>
      <p className="muted small">
        Your photos are what you chose to label, so a difference alone is no mistake.
      </p>
      {/* The focus allows scrolling by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={styles["scroll"]} tabIndex={0} role="region" aria-label="Answers by label">
        <table>
          <thead>
            <tr>
              <th scope="col">Label</th>
              <th scope="col">Answers</th>
              <th scope="col">Your photos</th>
              <th scope="col">
                <span className="visually-hidden">Compared</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {labels.map(({ label, share, taughtShare }, index) => (
              <tr key={label?.id ?? index}>
                <th scope="row">{label === null ? "(deleted)" : <LabelName label={label} />}</th>
                <td>{shareFigure(share)}</td>
                <td>{percent(taughtShare)}</td>
                <td className="muted">{shareWords({ share, taughtShare })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
