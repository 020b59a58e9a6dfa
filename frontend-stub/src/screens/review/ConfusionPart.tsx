import { useQuery } from "@tanstack/react-query";
import { fetchConfusion } from "../../api/models";
import { Busy, Failed } from "../../parts/Waiting";
import { hrefOf } from "../../logic/route";
import { replaceRoute } from "../../parts/router";
import { useFunction } from "../../workspace/context";
import { CellPhotos } from "./CellPhotos";
import { ConfusionTable, type Cell } from "./ConfusionTable";
import { MixUpsNote } from "./MixUpsNote";

/** The confusion matrix; each count opens its photos. */
export function ConfusionPart({ search }: { search: URLSearchParams }) {
  const { fn } = useFunction();
  const version = fn.model?.version;
  // A new version is a new matrix.
  const {
    data: confusion,
    error,
    refetch,
  } = useQuery({
    queryKey: ["confusion", fn.id, version],
    queryFn: () => fetchConfusion(fn.id),
    enabled: version !== undefined,
  });

  if (error !== null) return <Failed error={error} retry={() => void refetch()} />;
  if (confusion === undefined) return <Busy>Counting</Busy>;
  if (confusion === null) return null;
  // The cell is in the address, so that a link leads to the same photos.
  const named = (id: string | null) => fn.names.find((label) => label.id === id);
  const annotated = named(search.get("annotated"));
  const predicted = named(search.get("predicted"));
  const cell = annotated && predicted ? { annotated, predicted } : null;

  function open({ annotated: { id }, predicted: { id: other } }: Cell): void {
    const chosen = new URLSearchParams({ annotated: id, predicted: other });
    replaceRoute(hrefOf(fn.id, "review/confusion", chosen));
  }

  return (
    <div className="stack">
      <p className="muted">
        Each row holds the photos annotated with one label, by what the model says of them when they
        are held out of training. Off the diagonal it is wrong; choose a count to see its photos.
      </p>
      <MixUpsNote />
      <ConfusionTable confusion={confusion} cell={cell} open={open} />
      {cell !== null && (
        <CellPhotos key={`${cell.annotated.id} ${cell.predicted.id}`} cell={cell} />
      )}
    </div>
  );
}
