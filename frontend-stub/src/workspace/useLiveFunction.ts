import { useEffect, useState } from "react";
import { type LiveFunction, watchFunction } from "../api/functions";
import { type TrainingRun, watchTraining } from "../api/training";
import type { Failure } from "../api/failure";

export interface LiveState {
  fn: LiveFunction | null;
  run: TrainingRun | null;
  failure: Failure | null;
}

/** Follow a function and its training for as long as the screen is open. */
export function useLiveFunction(id: string): LiveState {
  const [fn, setFunction] = useState<LiveFunction | null>(null);
  const [run, setRun] = useState<TrainingRun | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);

  useEffect(() => {
    const stopFunction = watchFunction(id, { next: setFunction, fail: setFailure });
    const stopTraining = watchTraining(id, { next: setRun, fail: setFailure });
    return () => {
      stopFunction();
      stopTraining();
    };
  }, [id]);

  return { fn, run, failure };
}
