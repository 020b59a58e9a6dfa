import { useEffect, useRef } from "react";
import { familyOf, offerOf } from "../logic/encoders";
import { basis, count, known, percent, range } from "../logic/estimate";
import { noFilters, writeFilters } from "../logic/filters";
import { headline, howToMeasure } from "../logic/headline";
import { hrefOf } from "../logic/route";
import { Bar } from "../parts/Bar";
import { announcer } from "../parts/notices";
import { useNarrow } from "../parts/useMedia";
import { useFunction } from "../workspace/context";
import { useEncoders } from "../workspace/useEncoders";
import { OutlookNote } from "./OutlookNote";
import { TrainingStatus } from "./TrainingStatus";
import type { accuracyFields, labelBarFields } from "./accuracyFields";
import type { encoderFields } from "./settings/encoderFields";
import styles from "./AccuracyPanel.module.css";
import barStyles from "../parts/Bar.module.css";

const SAY_AGAIN_MS = 10_000;

/** The accuracy of the function and its labels, updated during annotation. */
export function AccuracyPanel() {
  const narrow = useNarrow();
  useAnnouncedAccuracy();

  if (narrow) {
    return (
      <details className={`card ${styles["accuracy"]}`}>
        <summary>
          <Overall />
          <MiniBars />
        </summary>
        <OutlookNote />
        <LabelBars />
        <TrainingStatus />
        <BetterEncoder />
      </details>
    );
  }
  return (
    <section className={`card ${styles["accuracy"]}`} aria-label="Accuracy">
      <Overall />
      <OutlookNote />
      <LabelBars />
      <TrainingStatus />
      <BetterEncoder />
    </section>
  );
}

/** Says that a better encoder can be tried, where there is one. */
function BetterEncoder() {
  const { fn } = useFunction<[typeof encoderFields]>();
  const { data: encoders = [] } = useEncoders();
  const offer = offerOf(fn.encoder, fn.encoderChange, encoders);
  if (offer === null) return null;
  return (
    <p className="small">
      {familyOf(offer.name)} is available:{" "}
      <a href={hrefOf(fn.id, "settings")}>try it on this function</a>
    </p>
  );
}

function Overall() {
  const { fn } = useFunction<[typeof accuracyFields]>();
  const metrics = fn.model?.metrics;
  const shown = headline(metrics);
  if (shown === null) {
    return (
      <div className={styles["head"]}>
        <h2>Accuracy</h2>
        <p className={styles["early"]}>Too early to tell</p>
        <p className="muted small">
          {fn.model?.fromNamesAlone === true
            ? "It answers from the names of its labels alone. Annotate photos to teach and measure it."
            : fn.readiness.missing.join(" ") || howToMeasure(metrics?.taughtLabelCount)}
        </p>
      </div>
    );
  }
  const { accuracy, scope } = shown;
  return (
    <div className={styles["head"]}>
      <h2>Accuracy</h2>
      <p className={styles["overall"]}>
        {percent(accuracy.value)}{" "}
        {scope !== null && <span className={styles["scope"]}>{scope}</span>}
      </p>
      <p className="muted small" title={basis(accuracy)}>
        {range(accuracy)}, on {count(accuracy.sampleCount, "photo")} held out of training
      </p>
      {metrics !== undefined && metrics.unlabelledSampleCount > 0 && (
        <p className="muted small">
          It also learned from {count(metrics.unlabelledSampleCount, "photo")} without a label
        </p>
      )}
    </div>
  );
}

function LabelBars() {
  const { fn } = useFunction<[typeof accuracyFields], [typeof labelBarFields]>();
  return (
    <>
      <ul className={barStyles["list"]} aria-label="Accuracy by label">
        {fn.labels.map(({ id, name, metrics, sampleCount }) => (
          <Bar
            key={id}
            labelId={id}
            href={hrefOf(fn.id, "samples", writeFilters({ ...noFilters, labelId: id }))}
            name={name}
            estimate={metrics?.recall ?? null}
            without={metrics === null || metrics.support === 0 ? "not taught yet" : undefined}
            detail={metrics?.recall ? basis(metrics.recall) : count(sampleCount, "annotated photo")}
          />
        ))}
      </ul>
      {fn.labels.length > 0 && (
        <p className={`muted small ${styles["legend"]}`}>
          Full colour: the share of its photos that it gets right. Light: how far the truth may be
          from it, 19 times in 20.
        </p>
      )}
    </>
  );
}

function MiniBars() {
  const { fn } = useFunction<[typeof accuracyFields], [typeof labelBarFields]>();
  return (
    <span className={styles["mini"]} aria-hidden="true">
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

/** Announce a new accuracy to screen readers, but not after every key press. */
function useAnnouncedAccuracy(): void {
  const { fn } = useFunction<[typeof accuracyFields]>();
  const shown = headline(fn.model?.metrics);
  const text = shown
    ? `Accuracy is now ${[percent(shown.accuracy.value), shown.scope].filter(Boolean).join(" ")}.`
    : null;
  const saidAt = useRef(0);
  useEffect(() => {
    if (text === null || Date.now() - saidAt.current < SAY_AGAIN_MS) return;
    saidAt.current = Date.now();
    announcer.say(text);
  }, [text]);
}
