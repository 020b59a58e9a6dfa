import { useSyncExternalStore } from "react";
import { count } from "../../logic/estimate";
import { hrefOf } from "../../logic/route";
import type { UploadState } from "../../logic/uploadQueue";
import { ProgressBar } from "../../parts/ProgressBar";
import { useFunction } from "../../workspace/context";
import styles from "./UploadProgress.module.css";

/** A bar for all uploads, and a list of failures. */
export function UploadProgress() {
  const {
    fn,
    workspace: { uploads },
  } = useFunction();
  const state = useSyncExternalStore(uploads.watch, uploads.get);
  if (state.total === 0) return null;
  const again = state.failed.filter(({ canWorkLater }) => canWorkLater).length;
  return (
    <section className={`card ${styles["upload"]}`} aria-label="Upload">
      <div className="row spread">
        <p role="status">{summary(state)}</p>
        <div className="row">
          {state.active && (
            <button type="button" className="button compact" onClick={() => uploads.cancel()}>
              Stop
            </button>
          )}
          {again > 0 && (
            <button type="button" className="button compact" onClick={() => uploads.retry()}>
              Try {count(again, "file")} again
            </button>
          )}
          {!state.active && state.added > 0 && fn.sampleCounts.unannotated > 0 && (
            <a className="button compact primary" href={hrefOf(fn.id, "annotate")}>
              Start labelling
            </a>
          )}
          {!state.active && (
            <button
              type="button"
              className="button compact quiet"
              onClick={() => uploads.dismiss()}
            >
              Close
            </button>
          )}
        </div>
      </div>
      {state.active && <ProgressBar name="Upload" value={state.done / state.total} />}
      {state.failed.length > 0 && (
        <ul className={`small ${styles["failed"]}`}>
          {state.failed.map(({ upload, why }, index) => (
            <li key={index}>
              <strong>{upload.file.name}</strong> <span className="problem">{why}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function summary({ total, done, added, duplicates, failed, active }: UploadState): string {
  if (active) return `Adding ${count(total, "photo")}: ${done.toLocaleString("en")} done`;
  const parts = [`${count(added, "photo")} added`];
  if (duplicates > 0) parts.push(`${duplicates.toLocaleString("en")} were here already`);
  if (failed.length > 0) parts.push(`${failed.length.toLocaleString("en")} failed`);
  return `${parts.join(", ")}.`;
}
