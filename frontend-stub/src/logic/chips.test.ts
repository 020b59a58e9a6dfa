import { expect, test } from "vitest";
import { chipsOf } from "./chips";
import { type Filters, noFilters, withSearch } from "./filters";

const labels = [{ id: "soup", name: "Soups" }];
const all: Filters = {
  state: "annotated",
  labelId: "soup",
  predictedId: "cake",
  confidence: "low",
  fileName: "Monday",
  order: "sure",
  words: "striped",
  likeId: null,
};

test("each filter is a chip, and goes without the others", () => {
  expect(chipsOf(all, labels).map(({ text }) => text)).toEqual([
    "“striped”",
    "Annotated as Soups",
    "Model says a label that is gone",
    "Confidence: Under 50 %",
    "File name “Monday”",
  ]);
  expect(chipsOf(all, labels).map(({ without }) => without)).toEqual([
    { ...all, words: "" },
    { ...all, labelId: null },
    { ...all, predictedId: null },
    { ...all, confidence: "any" },
    { ...all, fileName: "" },
  ]);
});

test("a photo that others are compared with is a chip in the place of words", () => {
  const like = withSearch(all, { likeId: "s1" });

  expect(chipsOf(like, labels)[0]).toEqual({
    key: "like",
    text: "Like this photo",
    without: { ...all, words: "" },
  });
  expect(chipsOf(noFilters, labels)).toEqual([]);
});
