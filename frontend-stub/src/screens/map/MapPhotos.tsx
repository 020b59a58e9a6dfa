import { useEffect, useSyncExternalStore } from "react";
import { type MapPoint, type Size, type View, placeOf } from "../../logic/sampleMap";
import { notices } from "../../parts/notices";
import { useFunction } from "../../workspace/context";
import styles from "./SampleMap.module.css";

interface Props {
  points: readonly MapPoint[];
  size: Size;
  view: View;
  selected: ReadonlySet<string>;
  load: (ids: readonly string[]) => Promise<void>;
  open: (id: string) => void;
}

/** While the map is moved, photos are not asked for. */
const REST_MS = 200;

/** The few points in view as photos, each a button that opens it. */
export function MapPhotos({ points, size, view, selected, load, open }: Props) {
  const { fn, workspace } = useFunction();
  const { store } = workspace;
  useSyncExternalStore(store.watch, store.get);
  useEffect(() => {
    const timer = setTimeout(() => {
      load(points.map(({ id }) => id)).catch((error: unknown) => notices.fail(error));
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [points, load]);
  return points.map((point) => {
    const sample = store.sample(point.id);
    if (sample === undefined) return null;
    const [left, top] = placeOf(point, size, view);
    const label = fn.labels.find(({ id }) => id === point.labelId);
    const guess = fn.labels.find(({ id }) => id === point.guessId);
    const said = label?.name ?? (guess ? `${guess.name}, a guess` : "no label");
    return (
      <button
        key={point.id}
        type="button"
        className={styles["photo"]}
        data-selected={selected.has(point.id) || undefined}
        style={{ transform: `translate(${left}px, ${top}px) translate(-50%, -50%)` }}
        aria-label={`Open the photo: ${said}`}
        onClick={() => open(point.id)}
      >
        <img src={sample.image.thumbnail} alt="" draggable={false} />
      </button>
    );
  });
}
