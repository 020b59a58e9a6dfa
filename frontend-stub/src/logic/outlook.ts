import type { Outlook } from "../api/outlook";
import { count, percent } from "./estimate";
import { isolated } from "./isolated";

/** Labels with fewer photos than this are too few to be measured on. */
const ENOUGH = 5;
/** Labels that are named; the others are counted. */
const NAMED = 3;
/** What the estimate may be off by, in points: below it no gain is promised. */
const LEAST_POINTS = 1;

interface Photos {
  name: string;
  sampleCount: number;
}

/** The labels that lack photos, those with fewest first, such as `hat, bag and 2 more`. */
export function lacking(labels: readonly Photos[]): string | null {
  const few = labels
    .filter(({ sampleCount }) => sampleCount < ENOUGH)
    .toSorted((one, other) => one.sampleCount - other.sampleCount);
  if (few.length === 0) return null;
  const names = few.slice(0, NAMED).map(({ name }) => isolated(name));
  const rest = few.length - names.length;
  return rest > 0 ? `${names.join(", ")} and ${rest} more` : joined(names);
}

/** What the next photos are worth; null while that cannot be told. */
export function worth(next: Outlook["nextLabels"]): string | null {
  if (next === null || next.labels.length === 0) return null;
  const points = Math.round(next.gain * 100);
  const names = joined(next.labels.map(({ name }) => isolated(name)));
  if (points < LEAST_POINTS) {
    return `${next.sampleCount} more of ${names}: less than one point`;
  }
  return `${next.sampleCount} more of ${names}: about +${count(points, "point")}`;
}

/** In words that the promised share of wrong answers is kept; null if it is not yet. */
export function goodEnough(
  threshold: Outlook["threshold"] | undefined,
  maxErrorRate: number,
): string | null {
  if (threshold === undefined || threshold.errorRate === null || threshold.confidence > 1) {
    return null;
  }
  if (threshold.errorRate.upper > maxErrorRate) return null;
  return `It answers ${percent(threshold.coverage)} of photos by itself, at most ${percent(maxErrorRate)} of them wrong.`;
}

function joined(names: readonly string[]): string {
  return names.length < 2
    ? (names[0] ?? "")
    : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
