import { type Estimate, known } from "./estimate";

interface Metrics {
  accuracy: Estimate | null;
  taughtLabelCount: number;
  labelCount: number;
}

export interface Headline {
  accuracy: Estimate;
  /** Such as `for 3 of 5 labels`; null if the figure covers every label. */
  scope: string | null;
}

/** The accuracy to show for a function, and the labels that it covers; null if too early to tell. */
export function headline(metrics: Metrics | undefined): Headline | null {
  const accuracy = known(metrics?.accuracy);
  if (metrics === undefined || accuracy === null) return null;
  const { taughtLabelCount: taught, labelCount: all } = metrics;
  if (taught < 2) return null;
  return { accuracy, scope: taught < all ? `for ${taught} of ${all} labels` : null };
}

/** What would make an accuracy appear where there is none. */
export function howToMeasure(taughtLabelCount: number | undefined): string {
  return taughtLabelCount === 1
    ? "Teach a second label to measure it."
    : "A few more annotated photos will show it.";
}
