import type { Sample } from "../api/samples";

type Judged = Pick<Sample, "annotation" | "crossValidated" | "disputed">;

/**
 * Whether the model has grounds to doubt an annotation: it has seen photos of both labels.
 *
 * It knows a label without photos by name at most, so its disagreement with a person is a guess.
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
