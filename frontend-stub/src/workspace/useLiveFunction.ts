import { replaceEqualDeep } from "@tanstack/react-query";
import { startTransition, useEffect, useState } from "react";
import { type LiveFunction, watchFunction } from "../api/functions";
import { type TrainingRun, watchTraining } from "../api/training";
import type { Failure } from "../api/failure";

export interface LiveState {
  fn: LiveFunction | null;
  run: TrainingRun | null;
  failure: Failure | null;
}

/**
 * Follow a function and its training for as long as the screen is open.
 *
 * Updates are rendered with low priority, so that they never delay input.
 */
export function useLiveFunction(id: string): LiveState {
  const [fn, setFunction] = useState<LiveFunction | null>(null);
  const [run, setRun] = useState<TrainingRun | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);

  useEffect(() => {
    const stopFunction = watchFunction(id, {
      next: (news) =>
        startTransition(() => setFunction((before) => replaceEqualDeep(before, news))),
      fail: setFailure,
    });
    const stopTraining = watchTraining(id, {
      next: (news) => startTransition(() => setRun((before) => replaceEqualDeep(before, news))),
      fail: setFailure,
    });
    return () => {
      stopFunction();
      stopTraining();
    };
  }, [id]);

  return { fn, run, failure };
}
