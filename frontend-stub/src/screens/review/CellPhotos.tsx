import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { count } from "../../logic/estimate";
import { noFilters, writeFilters } from "../../logic/filters";
import { hrefOf } from "../../logic/route";
import { Picture } from "../../parts/Picture";
import { Busy, Failed } from "../../parts/Waiting";
import { useFunction } from "../../workspace/context";
import { PhotoDialog } from "../samples/PhotoDialog";
import type { Cell } from "./ConfusionTable";

/** The photos behind one cell of the confusion matrix. */
export function CellPhotos({ cell: { annotated, predicted } }: { cell: Cell }) {
  const { fn, workspace } = useFunction();
  const list = useMemo(
    () =>
      workspace.list(
        { labelIds: [annotated.id], predictedLabelIds: [predicted.id] },
        { field: "CONFIDENCE", direction: "DESC" },
      ),
    [workspace, annotated.id, predicted.id],
  );
  const { ids, total, failure } = useSyncExternalStore(list.watch, list.get);
  useSyncExternalStore(workspace.store.watch, workspace.store.get);
  const [openId, setOpenId] = useState<string | null>(null);
  useEffect(() => list.ensure(1), [list]);

  const search = writeFilters({ ...noFilters, labelId: annotated.id, predictedId: predicted.id });
  return (
    <section className="stack" aria-label="Photos of the cell">
      <div className="row spread">
        <h2>
          {annotated.id === predicted.id
            ? `${annotated.name}, rightly so`
            : `${annotated.name} taken for ${predicted.name}`}
        </h2>
        <a href={hrefOf(fn.id, "samples", search)}>Open in samples</a>
      </div>
      {failure !== null && <Failed error={failure} retry={list.reload} />}
      {total === null && failure === null && <Busy>Loading photos</Busy>}
      <ul className="cell-photos" aria-label={count(total ?? 0, "photo")}>
        {ids.map((id, index) => {
          const sample = workspace.store.sample(id);
          if (sample === undefined || workspace.store.isHidden(id)) return null;
          return (
            <li key={id}>
              <button type="button" onClick={() => setOpenId(id)}>
                <Picture
                  sources={[sample.image.thumbnail]}
                  alt={`Open photo ${index + 1}`}
                  loading="lazy"
                />
              </button>
            </li>
          );
        })}
      </ul>
      {openId !== null && (
        <PhotoDialog id={openId} ids={ids} show={setOpenId} close={() => setOpenId(null)} />
      )}
    </section>
  );
}
