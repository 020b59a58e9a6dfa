import { useSyncExternalStore } from "react";
import { useMutation } from "@tanstack/react-query";
import { type TrainingRun, startTraining } from "../api/training";
import { count } from "../logic/estimate";
import { ProgressBar } from "../parts/ProgressBar";
import { Failed } from "../parts/Waiting";
import { useFunction } from "../workspace/context";
import type { trainingFields } from "./trainingFields";
import styles from "./TrainingStatus.module.css";

const stages: Record<TrainingRun["stage"], string> = {
  WAITING: "Waiting for its turn",
  EMBEDDING: "Reading photos",
  SELECTING: "Choosing a classifier",
  CROSS_VALIDATING: "Measuring accuracy",
  FITTING: "Learning",
  DONE: "Done",
};

/** The state of training, and unsaved changes. */
export function TrainingStatus() {
  const { fn, run } = useFunction<[typeof trainingFields]>();
  const training = useMutation({ mutationFn: () => startTraining(fn.id) });
  const active = run?.state === "QUEUED" || run?.state === "RUNNING";

  return (
    <div className={`${styles["foot"]} small`}>
      {active ? (
        <>
          <p>
            Training on {count(run.sampleCount, "photo")}:{" "}
            {run.waitingFor === null
              ? stages[run.stage].toLowerCase()
              : `waiting for ${run.waitingFor}, it goes on by itself when that is back`}
          </p>
          <ProgressBar name="Training" value={run.progress} />
        </>
      ) : (
        <Resting />
      )}
      {!active && run?.keptBack != null && (
        <p className="muted">The newest version is kept back: {run.keptBack}</p>
      )}
      {run?.state === "FAILED" && (
        <div role="alert" className="problem">
          Training failed: {run.failure ?? "the server did not say why."}
        </div>
      )}
      {!active && (run?.state === "FAILED" || !fn.autoTrain) && fn.readiness.trainable && (
        <button
          type="button"
          className="button compact"
          disabled={training.isPending}
          onClick={() => training.mutate(undefined)}
        >
          {run?.state === "FAILED" ? "Train again" : "Train now"}
        </button>
      )}
      {training.error !== null && <Failed error={training.error} />}
      <Unsaved />
    </div>
  );
}

function Resting() {
  const { fn } = useFunction();
  const { total, embedded } = fn.sampleCounts;
  if (embedded < total) {
    return (
      <>
        <p>Reading {count(total - embedded, "new photo")}</p>
        <ProgressBar name="Reading photos" value={embedded / total} />
      </>
    );
  }
  if (fn.model === null) return <p className="muted">No version yet</p>;
  return <p className="muted">Version {fn.model.version} is in use</p>;
}

function Unsaved() {
  const { annotations } = useFunction().workspace;
  const { unsaved, stuck } = useSyncExternalStore(annotations.watch, annotations.get);
  if (!stuck) return null;
  return (
    <p role="status" className="problem">
      {count(unsaved, "annotation")} not saved yet. Keep this page open: they are sent once the
      server answers.
    </p>
  );
}
