import { Suspense, lazy, useCallback, useMemo, useState, useSyncExternalStore } from "react";
import { useMutation } from "@tanstack/react-query";
import { AT_ONCE, refetchSamples } from "../../api/samples";
import { count } from "../../logic/estimate";
import { likeHref } from "../../logic/filters";
import { indexOfKey } from "../../logic/keys";
import { hrefOf } from "../../logic/route";
import { type Colouring, colourings } from "../../logic/sampleMap";
import { ProgressBar } from "../../parts/ProgressBar";
import { Busy, Failed } from "../../parts/Waiting";
import { go } from "../../parts/router";
import { useKeys } from "../../parts/useKeys";
import { useFunction } from "../../workspace/context";
import { BulkBar } from "../samples/BulkBar";
import { ASK_FROM, DeleteQuestion } from "../samples/DeleteQuestion";
import { PhotoDialog } from "../samples/PhotoDialog";
import { MOST, useSampleMap } from "./useSampleMap";
import styles from "./MapScreen.module.css";

const SampleMap = lazy(() => import("./SampleMap"));

const colouringNames: Record<Colouring, string> = {
  label: "Label",
  guess: "Label or guess",
  confidence: "How sure the model is",
};
const none: ReadonlySet<string> = new Set();

/** All photos in a plane, those that look alike to the model near each other. */
export function MapScreen() {
  const { fn, workspace } = useFunction();
  const { store } = workspace;
  const { points, version, isWhole, failure, reload } = useSampleMap(fn.id);
  const changes = useSyncExternalStore(store.watch, store.get);
  const [by, setBy] = useState<Colouring>("guess");
  const [selected, select] = useState(none);
  const [openId, setOpenId] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);

  const current = useMemo(
    () =>
      changes < 0
        ? []
        : points
            .filter(({ id }) => !store.isHidden(id))
            .map((point) => {
              const sample = store.sample(point.id);
              return sample === undefined
                ? point
                : { ...point, labelId: sample.annotation?.label.id ?? null };
            }),
    [points, changes, store],
  );
  const chosen = useMemo(
    () => [...selected].filter((id) => !store.isHidden(id) && changes >= 0),
    [selected, changes, store],
  );

  /** Load samples, so that their labels follow what is annotated and undone. */
  const load = useCallback(
    async (ids: readonly string[]): Promise<void> => {
      const absent = ids.filter((id) => store.sample(id) === undefined);
      for (let from = 0; from < absent.length; from += AT_ONCE) {
        store.put(await refetchSamples(absent.slice(from, from + AT_ONCE)));
      }
    },
    [store],
  );
  const annotation = useMutation({
    mutationFn: async (labelId: string | null) => {
      await load(chosen);
      const label = fn.labels.find(({ id }) => id === labelId);
      return workspace.annotateAll(chosen, label ? { id: label.id, name: label.name } : null);
    },
    onSuccess: (step) => {
      workspace.offerUndo(step);
      select(none);
    },
  });
  const opening = useMutation({
    mutationFn: (id: string) => load([id]),
    onSuccess: (_, id) => setOpenId(id),
  });

  function remove(): void {
    setAsking(false);
    workspace.offerUndo(workspace.remove(chosen));
    select(none);
  }

  useKeys((event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") workspace.undo();
    else if (event.ctrlKey || event.metaKey || chosen.length === 0) return false;
    else if (event.key === "Escape") select(none);
    else {
      const label = fn.labels[indexOfKey(event.key, fn.labels.length) ?? -1];
      if (label === undefined) return false;
      annotation.mutate(label.id);
    }
    return true;
  });

  const isOld =
    isWhole &&
    (version !== (fn.model?.version ?? null) ||
      points.length < Math.min(MOST, fn.sampleCounts.embedded));
  const error = failure ?? annotation.error ?? opening.error;
  return (
    <div className="stack">
      <div className="row">
        <h1>Map</h1>
        <a className="button quiet compact" href={hrefOf(fn.id, "samples")}>
          Grid
        </a>
      </div>
      <p className="muted">
        Photos that look alike to the model are near each other. Choose some with a line around
        them, and say what they show.
      </p>
      <div className={styles["tools"]}>
        <label>
          Colour{" "}
          <select
            className="input"
            value={by}
            onChange={(event) => setBy(colourings.find((one) => one === event.target.value) ?? by)}
          >
            {colourings.map((one) => (
              <option key={one} value={one}>
                {colouringNames[one]}
              </option>
            ))}
          </select>
        </label>
        <span className="muted" role="status">
          {mapText(points.length, fn.sampleCounts.embedded, isWhole)}
        </span>
        {isOld && (
          <button type="button" className="button compact" onClick={reload}>
            Draw the map again
          </button>
        )}
      </div>
      {!isWhole && failure === null && (
        <ProgressBar
          name="Photos on the map"
          value={points.length / Math.max(1, Math.min(MOST, fn.sampleCounts.embedded))}
        />
      )}
      {error !== null && <Failed error={error} retry={reload} />}
      {isWhole && points.length === 0 ? (
        <p>Photos appear here as soon as the model has looked at them.</p>
      ) : (
        <Suspense fallback={<Busy>Drawing the map</Busy>}>
          <SampleMap
            points={current}
            by={by}
            selected={selected}
            select={select}
            load={load}
            open={(id) => opening.mutate(id)}
          />
        </Suspense>
      )}
      {chosen.length > 0 && (
        <BulkBar
          chosen={chosen}
          all={current.length}
          busy={annotation.isPending}
          annotate={(labelId) => annotation.mutate(labelId)}
          moreLike={(id) => go(likeHref(fn.id, id))}
          remove={() => (chosen.length < ASK_FROM ? remove() : setAsking(true))}
          chooseAll={() => select(new Set(current.map(({ id }) => id)))}
          clear={() => select(none)}
        />
      )}
      {asking && (
        <DeleteQuestion
          photos={chosen.length}
          annotated={
            current.filter(({ id, labelId }) => labelId !== null && selected.has(id)).length
          }
          remove={remove}
          close={() => setAsking(false)}
        />
      )}
      {openId !== null && (
        <PhotoDialog id={openId} ids={[openId]} show={setOpenId} close={() => setOpenId(null)} />
      )}
    </div>
  );
}

function mapText(shown: number, all: number, isWhole: boolean): string {
  if (!isWhole) return "Loading photos…";
  if (shown >= MOST && all > shown)
    return `The newest ${count(shown, "photo")} of ${all.toLocaleString("en")}`;
  return count(shown, "photo");
}
