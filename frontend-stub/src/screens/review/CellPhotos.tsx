import { useState, useSyncExternalStore } from "react";
import { count } from "../../logic/estimate";
import { noFilters, writeFilters } from "../../logic/filters";
import { hrefOf } from "../../logic/route";
import { Picture } from "../../parts/Picture";
import { Busy, Failed } from "../../parts/Waiting";
import { useFunction } from "../../workspace/context";
import { LabelName } from "../../parts/LabelName";
import { useSampleList } from "../../workspace/useSampleList";
import { PhotoDialog } from "../samples/PhotoDialog";
import type { Cell } from "./ConfusionTable";
import photoListStyles from "./PhotoList.module.css";

/** The photos of one cell of the confusion matrix. */
export function CellPhotos({ cell: { annotated, predicted } }: { cell: Cell }) {
  const { fn, workspace } = useFunction();
  const list = useSampleList(
    { labelIds: [annotated.id], predictedLabelIds: [predicted.id] },
    { field: "CONFIDENCE", direction: "DESC" },
  );
  const { ids = [], total = 0 } = list.data ?? {};
  useSyncExternalStore(workspace.store.watch, workspace.store.get);
  const [openId, setOpenId] = useState<string | null>(null);

  const search = writeFilters({ ...noFilters, labelId: annotated.id, predictedId: predicted.id });
  return (
    <section className="stack" aria-label="Photos of the cell">
      <div className="row spread">
        <h2>
          <LabelName label={annotated} />
          {annotated.id === predicted.id ? (
            ", rightly so"
          ) : (
            <>
              {" "}
              taken for <LabelName label={predicted} />
            </>
          )}
        </h2>
        <a href={hrefOf(fn.id, "samples", search)}>Open in samples</a>
      </div>
      {list.error !== null && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Busy>Loading photos</Busy>}
      <ul className={photoListStyles["list"]} aria-label={count(total, "photo")}>
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
