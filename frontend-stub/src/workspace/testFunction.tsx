import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import type { Label, LiveFunction } from "../api/functions";
import { createQueries } from "../api/queries";
import type { TrainingRun } from "../api/training";
import { FunctionContext } from "./context";
import { Workspace } from "./Workspace";

type Model = NonNullable<LiveFunction["model"]>;

/** A label for tests, without metrics. */
export function labelOf(name: string, over: Partial<Label> = {}): Label {
  return { id: name, name, description: null, sampleCount: 0, metrics: null, ...over };
}

/** A model for tests, with these metrics. */
export function modelOf(metrics: Partial<Model["metrics"]> = {}): Model {
  return {
    id: "model",
    version: 1,
    fromNamesAlone: false,
    metrics: {
      taughtLabelCount: 2,
      labelCount: 2,
      unlabelledSampleCount: 0,
      accuracy: null,
      ...metrics,
    },
  };
}

/** A function for tests, with defaults for fields that a test does not set. */
export function functionOf(over: Partial<LiveFunction> = {}): LiveFunction {
  const labels = over.labels ?? [labelOf("Soups"), labelOf("Desserts")];
  return {
    id: "function",
    name: "Dishes",
    description: null,
    visibility: "PRIVATE",
    state: "COLLECTING",
    autoTrain: true,
    learnsFromUnlabelled: true,
    maxErrorRate: 0.05,
    capture: {
      enabled: false,
      below: 0.8,
      strange: false,
      rareBelow: 0,
      randomShare: 0,
      dailyLimit: 100,
    },
    quizAccuracy: null,
    readiness: { trainable: true, missing: [] },
    encoder: "bundled",
    encoderWarning: null,
    encoderChange: null,
    sampleCounts: { total: 0, annotated: 0, unannotated: 0, embedded: 0 },
    nearDuplicatesComplete: true,
    model: null,
    labels,
    names: labels.map(({ id, name }) => ({ id, name })),
    taughtIds: labels.map(({ id }) => id),
    ...over,
  };
}

/** A training run for tests. */
export function runOf(over: Partial<TrainingRun> = {}): TrainingRun {
  return {
    id: "run",
    state: "RUNNING",
    stage: "FITTING",
    progress: 0.5,
    failure: null,
    waitingFor: null,
    keptBack: null,
    sampleCount: 10,
    accuracy: null,
    ...over,
  };
}

interface Given {
  fn?: LiveFunction;
  run?: TrainingRun | null;
  workspace?: Workspace;
}

/** Render a part of a function's screen in the providers of the page. */
export function renderIn(given: Given, part: ReactNode): { workspace: Workspace } {
  const { fn = functionOf(), run = null, workspace = new Workspace("function") } = given;
  render(
    <QueryClientProvider client={createQueries()}>
      <FunctionContext value={{ fn, run, workspace }}>{part}</FunctionContext>
    </QueryClientProvider>,
  );
  return { workspace };
}
