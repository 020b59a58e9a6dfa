import { useState, useSyncExternalStore } from "react";
import type { SampleRows } from "../logic/sampleRows";

/**
 * The list to show: the newest one as soon as it has an answer, and the previous one until then.
 *
 * Lists in between are never shown, whenever they are answered.
 */
export function useAnswered<List extends { rows: SampleRows }>(newest: List): List {
  const [shown, setShown] = useState(newest);
  const { total, failure } = useSyncExternalStore(newest.rows.watch, newest.rows.get);
  const hasAnswer = total !== null || failure !== null;
  if (!hasAnswer || shown === newest) return shown;
  setShown(newest);
  return newest;
}
