import { useCallback, useState } from "react";
import { fetchConfusion } from "../../api/models";
import { Busy, Failed } from "../../parts/Waiting";
import { useLoaded } from "../../parts/useLoaded";
import { useFunction } from "../../workspace/context";
import { CellPhotos } from "./CellPhotos";
import { ConfusionTable, type Cell } from "./ConfusionTable";

/** What is taken for what; each count opens its photos. */
export function ConfusionPart() {
  const { fn } = useFunction();
  const version = fn.model?.version;
  // A new version is a new matrix.
  const load = useCallback(
    () => (version === undefined ? Promise.resolve(null) : fetchConfusion(fn.id)),
    [fn.id, version],
  );
  const { value: confusion, failure, reload } = useLoaded(load);
  const [cell, setCell] = useState<Cell | null>(null);

  if (failure !== undefined) return <Failed error={failure} retry={reload} />;
  if (confusion === undefined) return <Busy>Counting</Busy>;
  if (confusion === null) return null;
  return (
    <div className="stack">
      <p className="muted">
        Each row holds the photos annotated with one label, by what the model says of them when they
        are held out of training. Off the diagonal it is wrong; choose a count to see its photos.
      </p>
      <ConfusionTable confusion={confusion} cell={cell} open={setCell} />
      {cell !== null && (
        <CellPhotos key={`${cell.annotated.id} ${cell.predicted.id}`} cell={cell} />
      )}
    </div>
  );
}
