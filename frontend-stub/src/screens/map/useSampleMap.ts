import { useCallback, useEffect, useState } from "react";
import { fetchMapPage } from "../../api/sampleMap";
import type { MapPoint } from "../../logic/sampleMap";

/** The most photos of a map: more cannot be told apart. */
export const MOST = 20_000;

interface Loaded {
  points: readonly MapPoint[];
  /** Of the model whose space it is; null before the first. */
  version: number | null;
  isWhole: boolean;
  failure: unknown;
}

const nothing: Loaded = { points: [], version: null, isWhole: false, failure: null };

/** The newest photos of a function on its map, which grows while pages arrive. */
export function useSampleMap(functionId: string): Loaded & { reload: () => void } {
  const [loaded, setLoaded] = useState(nothing);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let stopped = false;
    const load = async (): Promise<void> => {
      let points: MapPoint[] = [];
      let first: number | null | undefined;
      let after: string | null = null;
      do {
        const page = await fetchMapPage(functionId, after);
        if (stopped) return;
        if (first !== undefined && page.version !== first) {
          setTurn((turn) => turn + 1); // a new model came: its places do not fit these
          return;
        }
        first = page.version;
        points = [...points, ...page.points].slice(0, MOST);
        after = points.length < MOST ? page.next : null;
        setLoaded({ points, version: page.version, isWhole: after === null, failure: null });
      } while (after !== null);
    };
    load().catch((failure: unknown) => {
      if (!stopped) setLoaded((before) => ({ ...before, failure }));
    });
    return () => {
      stopped = true;
    };
  }, [functionId, turn]);
  const reload = useCallback(() => setTurn((turn) => turn + 1), []);
  return { ...loaded, reload };
}
