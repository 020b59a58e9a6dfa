import { type Confidence, type Filters, noFilters, searchOf, withSearch } from "./filters";
import { quoted } from "./search";

/** One filter or search in words, and the filters without it. */
export interface Chip {
  key: "words" | "like" | "label" | "predicted" | "confidence" | "file";
  text: string;
  without: Filters;
}

export const confidenceNames: Record<Confidence, string> = {
  any: "Any confidence",
  low: "Under 50 %",
  middle: "50 to 90 %",
  high: "90 % and more",
};

/** The search and the filters that are set, so that each can be removed. */
export function chipsOf(filters: Filters, labels: readonly { id: string; name: string }[]): Chip[] {
  const { labelId, predictedId, confidence, fileName, words, likeId } = filters;
  const nameOf = (id: string): string =>
    labels.find((label) => label.id === id)?.name ?? "a label that is gone";
  const chips: (Chip | false)[] = [
    likeId !== null && {
      key: "like",
      text: "Like this photo",
      without: withSearch(filters, null),
    },
    likeId === null &&
      searchOf(filters) !== null && {
        key: "words",
        text: quoted(words.trim()),
        without: withSearch(filters, null),
      },
    labelId !== null && {
      key: "label",
      text: `Annotated as ${nameOf(labelId)}`,
      without: { ...filters, labelId: null },
    },
    predictedId !== null && {
      key: "predicted",
      text: `Model says ${nameOf(predictedId)}`,
      without: { ...filters, predictedId: null },
    },
    confidence !== "any" && {
      key: "confidence",
      text: `Confidence: ${confidenceNames[confidence]}`,
      without: { ...filters, confidence: noFilters.confidence },
    },
    fileName.trim() !== "" && {
      key: "file",
      text: `File name ${quoted(fileName.trim())}`,
      without: { ...filters, fileName: "" },
    },
  ];
  return chips.filter((chip) => chip !== false);
}
