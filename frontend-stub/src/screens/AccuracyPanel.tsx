import { useEffect, useRef } from "react";
import { count, known, percent, range } from "../logic/estimate";
import { Bar } from "../parts/Bar";
import { announcer } from "../parts/notices";
import { useNarrow } from "../parts/useMedia";
import { useFunction } from "../workspace/context";
import { TrainingStatus } from "./TrainingStatus";

const SAY_AGAIN_MS = 10_000;

/** How right the function is, label by label; it moves while somebody annotates. */
export function AccuracyPanel() {
  const narrow = useNarrow();
  useAnnouncedAccuracy();

  if (narrow) {
    return (
      <details className="card accuracy">
        <summary>
          <Overall />
          <MiniBars />
        </summary>
        <LabelBars />
        <TrainingStatus />
      </details>
    );
  }
  return (
    <section className="card accuracy" aria-label="Accuracy">
      <Overall />
      <LabelBars />
      <TrainingStatus />
    </section>
  );
}

function Overall() {
  const { fn } = useFunction();
  const accuracy = known(fn.model?.metrics.accuracy);
  if (accuracy === null) {
    return (
      <div className="accuracy-head">
        <h2>Accuracy</h2>
        <p className="accuracy-early">Too early to tell</p>
        <p className="muted small">
          {fn.model?.fromNamesAlone === true
            ? "It answers from the names of its labels alone. Annotate photos to teach and measure it."
            : fn.readiness.missing.join(" ") || "A few more annotated photos will show it."}
        </p>
      </div>
    );
  }
  return (
    <div className="accuracy-head">
      <h2>Accuracy</h2>
      <p className="accuracy-overall">{percent(accuracy.value)}</p>
      <p className="muted small">
        {range(accuracy)}, on {count(accuracy.count, "photo")} held out of training
      </p>
    </div>
  );
}

function LabelBars() {
  const { fn } = useFunction();
  return (
    <ul className="bars" aria-label="Accuracy by label">
      {fn.labels.map(({ id, name, metrics, sampleCount }) => (
        <Bar
          key={id}
          name={name}
          estimate={metrics?.recall ?? null}
          detail={count(sampleCount, "annotated photo")}
        />
      ))}
    </ul>
  );
}

function MiniBars() {
  const { fn } = useFunction();
  return (
    <span className="accuracy-mini" aria-hidden="true">
      {fn.labels.slice(0, 20).map(({ id, metrics }) => {
        const height = known(metrics?.recall)?.value ?? 0;
        return (
          <span key={id}>
            <span style={{ transform: `translateY(${(1 - height) * 100}%)` }} />
          </span>
        );
      })}
    </span>
  );
}

/** Tell screen readers of a new accuracy, but not with every key press. */
function useAnnouncedAccuracy(): void {
  const { fn } = useFunction();
  const accuracy = known(fn.model?.metrics.accuracy);
  const text = accuracy ? `Accuracy is now ${percent(accuracy.value)}.` : null;
  const saidAt = useRef(0);
  useEffect(() => {
    if (text === null || Date.now() - saidAt.current < SAY_AGAIN_MS) return;
    saidAt.current = Date.now();
    announcer.say(text);
  }, [text]);
}
