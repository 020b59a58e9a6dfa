import { useState } from "react";
import type { Comparison } from "../../api/encoders";
import { flips, rowsOf } from "../../logic/encoders";
import { FlippedPhotos } from "./FlippedPhotos";
import styles from "./EncoderComparison.module.css";

interface Props {
  comparison: Comparison;
  before: string;
  after: string;
}

/** Two versions, made with two encoders, side by side. */
export function EncoderComparison({ comparison, before, after }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <table className={styles["comparison"]}>
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Figure</span>
            </th>
            <th scope="col">{before}</th>
            <th scope="col">{after}</th>
          </tr>
        </thead>
        <tbody>
          {rowsOf(comparison).map((row) => (
            <tr key={row.name}>
              <th scope="row">{row.name}</th>
              <td>{row.before}</td>
              <td>{row.after}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {comparison.sampleCount > 0 && (
        <p className="row spread">
          <span className="muted small">{flips(comparison)}</span>
          {comparison.gainedCount + comparison.lostCount > 0 && (
            <button type="button" className="button compact quiet" onClick={() => setOpen(true)}>
              Show these photos
            </button>
          )}
        </p>
      )}
      {open && <FlippedPhotos comparison={comparison} close={() => setOpen(false)} />}
    </>
  );
}
