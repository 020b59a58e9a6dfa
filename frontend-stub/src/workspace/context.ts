import { createContext, useContext } from "react";
import type { LiveFunction } from "../api/functions";
import type { TrainingRun } from "../api/training";
import type { Workspace } from "./Workspace";

interface Shared {
  /** The function as it is now. */
  fn: LiveFunction;
  /** Its newest training run. */
  run: TrainingRun | null;
  workspace: Workspace;
}

export const FunctionContext = createContext<Shared | null>(null);

/** The current function. */
export function useFunction(): Shared {
  const shared = useContext(FunctionContext);
  if (shared === null) throw new Error("useFunction is used outside of a function's screen.");
  return shared;
}
