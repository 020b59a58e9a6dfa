import { useSyncExternalStore } from "react";
import { count } from "../../logic/estimate";
import type { UploadState } from "../../logic/uploadQueue";
import { ProgressBar } from "../../parts/ProgressBar";
import { useFunction } from "../../workspace/context";

/** One bar for all that is being uploaded, and what did not work. */
export function UploadProgress() {
  const { uploads } = useFunction().workspace;
  const state = useSyncExternalStore(uploads.watch, uploads.get);
  if (state.total === 0) return null;
  return (
    <section className="card upload" aria-label="Upload">
      <div className="row spread">
        <p role="status">{summary(state)}</p>
        <div className="row">
          {state.active && (
            <button type="button" className="button compact" onClick={() => uploads.cancel()}>
              Stop
            </button>
          )}
          {state.failed.length > 0 && (
            <button type="button" className="button compact" onClick={() => uploads.retry()}>
              Try {count(state.failed.length, "file")} again
            </button>
          )}
          {!state.active && (
            <button
              type="button"
              className="button compact quiet"
              onClick={() => uploads.dismiss()}
            >
              Put away
            </button>
          )}
        </div>
      </div>
      {state.active && <ProgressBar name="Upload" value={state.done / state.total} />}
      {state.failed.length > 0 && (
        <ul className="upload-failed small">
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
