import type { Acceptable } from "../api/acceptance";
import { count, percent } from "./estimate";

/** Confidences to choose from, the default first. */
export const leastConfidences = [0.95, 0.99, 0.98, 0.9, 0.8, 0.7] as const;

/** How many photos would get the model's answer, and how many of these are expected to be wrong. */
export function promiseOf({ count: photos, expectedErrors }: Acceptable): string {
  if (photos === 0) return "The model is not that sure of any of these photos.";
  const gets = photos === 1 ? "gets" : "get";
  return `${count(photos, "photo")} ${gets} the label that the model says. ${expected(expectedErrors)}`;
}

/** How often answers as sure were wrong on photos that the model had not learned from. */
export function measuredOf({ count: photos, errorRate }: Acceptable): string {
  if (errorRate === null) {
    return "Too few of your photos got an answer that sure to check this number.";
  }
  const { value, upper, sampleCount } = errorRate;
  const most = Math.min(photos, Math.ceil(upper * photos));
  return (
    `It was that sure of ${count(sampleCount, "photo")} of yours without having learned from them, ` +
    `and wrong on ${value === 0 ? "none" : percent(value)} of them. By that measure, at most ${most.toLocaleString("en")} of ` +
    `these ${count(photos, "photo")} are wrong.`
  );
}

function expected(errors: number): string {
  if (errors < 0.5) return "Probably none of them is wrong.";
  const rounded = Math.round(errors);
  return `About ${rounded.toLocaleString("en")} of them ${rounded === 1 ? "is" : "are"} wrong.`;
}
