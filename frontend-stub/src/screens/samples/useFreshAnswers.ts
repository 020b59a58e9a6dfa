import { useEffect, useRef } from "react";
import { useFunction } from "../../workspace/context";

const AT_MOST_EVERY_MS = 1_000;

/** After each training run, read the new model's predictions for the photos in view. */
export function useFreshAnswers(ids: string[]): void {
  const { fn, workspace } = useFunction();
  const version = fn.model?.version ?? 0;
  const readAs = useRef(new Map<string, number>());
  const key = ids.join(" ");

  useEffect(() => {
    const read = readAs.current;
    const inView = key === "" ? [] : key.split(" ");
    // The predictions in a page are those of the version at that moment.
    for (const id of inView) if (!read.has(id)) read.set(id, version);
    const stale = inView.filter((id) => read.get(id) !== version);
    if (stale.length === 0) return;
    const timer = setTimeout(() => {
      for (const id of stale) read.set(id, version);
      void workspace.refresh(stale);
    }, AT_MOST_EVERY_MS);
    return () => clearTimeout(timer);
  }, [key, version, workspace]);
}
