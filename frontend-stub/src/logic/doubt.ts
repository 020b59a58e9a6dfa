import type { Sample } from "../api/samples";

type Judged = Pick<Sample, "annotation" | "crossValidated" | "disputed">;

/**
 * Whether the model doubts an annotation for a reason: it has seen photos of both labels.
 *
 * Of a label without photos it knows the name at most, so that its word against a person's is a guess.
 */
export function isDoubted(
  { annotation, crossValidated, disputed }: Judged,
  taughtIds: readonly string[],
): boolean {
  return (
    disputed &&
    annotation !== null &&
    crossValidated !== null &&
    taughtIds.includes(annotation.label.id) &&
    taughtIds.includes(crossValidated.label.id)
  );
}
