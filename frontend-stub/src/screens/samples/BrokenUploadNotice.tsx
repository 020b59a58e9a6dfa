import { useSyncExternalStore } from "react";
import { count } from "../../logic/estimate";
import { useFunction } from "../../workspace/context";

/** Tells of an upload that a closed tab broke off, and how it goes on. */
export function BrokenUploadNotice() {
  const {
    workspace: { brokenUpload },
  } = useFunction();
  const broken = useSyncExternalStore(brokenUpload.watch, brokenUpload.get);
  if (broken === null) return null;
  return (
    <section className="card row spread" aria-label="Unfinished upload">
      <p>
        An upload stopped when its tab was closed: {broken.done.toLocaleString("en")} of{" "}
        {count(broken.total, "photo")} were done.{" "}
        <span className="muted">
          Add the same folder or photos again to go on; photos that are here already are not added
          twice.
        </span>
      </p>
      <button type="button" className="button compact" onClick={() => brokenUpload.dismiss()}>
        Dismiss
      </button>
    </section>
  );
}
