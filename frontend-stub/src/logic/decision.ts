import { type Estimate, count } from "./estimate";

interface Threshold {
  errorRate: Estimate | null;
}

interface Told {
  text: string;
  tone: "good" | "warn" | "";
}

/**
 * The advice for a prediction, in words; a promise is green only if the measurement supports it.
 *
 * @param threshold The confidence that the function's limit for wrong answers requires; undefined
 * while it is being fetched.
 */
export function decisionText(
  decision: "ACCEPT" | "REVIEW" | "NONE_OF_THESE",
  threshold: Threshold | null | undefined,
  maxErrorRate: number,
): Told {
  if (decision === "NONE_OF_THESE")
    return { text: "Unlike the photos it learned from", tone: "warn" };
  if (decision === "REVIEW") return { text: "A person should look", tone: "warn" };
  const text = "Accepted by your limit for wrong answers";
  if (threshold === undefined) return { text, tone: "" };
  const errorRate = threshold?.errorRate ?? null;
  if (errorRate !== null && errorRate.upper <= maxErrorRate) return { text, tone: "good" };
  const basis = errorRate === null ? "no photo" : count(errorRate.sampleCount, "photo");
  return { text: `${text}, which rests on ${basis} only`, tone: "warn" };
}
