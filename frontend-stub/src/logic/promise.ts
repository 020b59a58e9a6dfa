import { type Estimate, count, percent } from "./estimate";

interface Threshold {
  confidence: number;
  coverage: number;
  errorRate: Estimate | null;
}

/** A threshold in words, with a warning if its error rate may well be exceeded. */
export function promise(threshold: Threshold | null | undefined, maxErrorRate: number): string {
  if (threshold == null) return "Less sure answers are marked for a person to look at.";
  const { confidence, coverage, errorRate } = threshold;
  if (confidence > 1)
    return "It cannot promise that yet: every answer is marked for a person to look at.";
  const rest = coverage === 1 ? "" : " The rest is marked for a person to look at.";
  const all = `It answers ${percent(coverage)} of photos by itself, those it is at least ${percent(confidence)} sure of.${rest}`;
  if (errorRate === null || errorRate.upper <= maxErrorRate) return all;
  return `${all} This rests on ${count(errorRate.sampleCount, "photo")} only: up to ${percent(errorRate.upper)} of these answers may be wrong.`;
}
