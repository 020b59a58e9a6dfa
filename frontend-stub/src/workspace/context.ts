import { createContext, useContext } from "react";
import type { FunctionFragment, FunctionWith, LabelFragment, LiveFunction } from "../api/functions";
import type { TrainingRun } from "../api/training";
import type { Workspace } from "./Workspace";

interface Shared<Fn> {
  /** The function as it is now. */
  fn: Fn;
  /** Its newest training run. */
  run: TrainingRun | null;
  workspace: Workspace;
}

export const FunctionContext = createContext<Shared<LiveFunction> | null>(null);

/**
 * The current function, with the fields that every screen may read. A component that reads more
 * names its fragments: `useFunction<[typeof quizFields]>()`, and a second list for those on labels.
 */
export function useFunction<
  OfFunction extends readonly FunctionFragment[] = [],
  OfLabel extends readonly LabelFragment[] = [],
>(): Shared<FunctionWith<OfFunction, OfLabel>> {
  const shared = useContext(FunctionContext);
  if (shared === null) throw new Error("useFunction is used outside of a function's screen.");
  return shared as Shared<unknown> as Shared<FunctionWith<OfFunction, OfLabel>>;
}
