import { Failure } from "../api/failure";
import { count } from "./estimate";
import { type Filters, filterOf, searchOf } from "./filters";
import { isolated } from "./isolated";

/** The number of photos in a list and, for a search, their order. */
export function foundText(total: number, filters: Filters): string {
  const photos = count(total, "photo");
  if (filters.likeId !== null) return `${photos}, most similar to this photo first`;
  const words = filters.words.trim();
  return words === "" ? photos : `${photos}, most similar to ${quoted(words)} first`;
}

interface Searched {
  /** The name of the function's encoder. */
  encoder: string;
  /** Photos of the function, and those of them that can be compared. */
  sampleCounts: { total: number; embedded: number };
}

/** Sentences that explain the list of a search. */
export function searchHints(filters: Filters, { encoder, sampleCounts }: Searched): string[] {
  if (searchOf(filters) === null) return [];
  const left = sampleCounts.total - sampleCounts.embedded;
  const those =
    Object.keys(filterOf(filters)).length > 0 ? "All photos that match the filters" : "All photos";
  return [
    `${those} are listed, the most similar first and the least similar last.`,
    ...(left > 0
      ? [
          `${count(left, "photo")} cannot be compared yet, and ${left === 1 ? "is" : "are"} not listed.`,
        ]
      : []),
    // The description of `SampleSearch.words` in the API says the same.
    ...(filters.likeId === null && encoder.includes("bundled")
      ? [
          "The bundled encoder knows names of things roughly, and colours, actions and negations hardly at all.",
        ]
      : []),
  ];
}

/** Why a list could not be read, and whether the same request can work later. */
export function refusalOf(
  failure: unknown,
  filters: Filters,
): { error: unknown; mayWorkLater: boolean } {
  const code = searchOf(filters) !== null && failure instanceof Failure ? failure.code : null;
  if (code === "LIMIT_REACHED") {
    const error =
      "This function has too many photos for this search. Use filters and file names instead.";
    return { error, mayWorkLater: false };
  }
  if (code === "NOT_FOUND" && filters.likeId !== null)
    return { error: "The photo to compare with has been deleted.", mayWorkLater: false };
  if (code === "INVALID" && filters.likeId !== null) {
    const error =
      "This photo has not been processed yet, so that nothing can be compared with it. Try again in a moment.";
    return { error, mayWorkLater: true };
  }
  return { error: failure, mayWorkLater: true };
}

export function quoted(words: string): string {
  return `“${isolated(words)}”`;
}
