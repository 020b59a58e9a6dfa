import { expect, test } from "vitest";
import {
  type Filters,
  filterOf,
  isFiltered,
  listOf,
  noFilters,
  readFilters,
  searchOf,
  withSearch,
  writeFilters,
} from "./filters";

const all: Filters = {
  state: "disputed",
  labelId: "soup",
  predictedId: "cake",
  confidence: "middle",
  fileName: " Ice & cream? ",
  order: "unsure",
  words: "",
  likeId: null,
};

test("without filters the API is asked for everything, newest first", () => {
  expect(listOf(noFilters)).toEqual({
    filter: {},
    orderBy: { field: "CREATED_AT", direction: "DESC" },
    search: null,
  });
  expect(isFiltered(noFilters)).toBe(false);
});

test("each filter becomes its condition", () => {
  expect(filterOf(all)).toEqual({
    disputed: true,
    labelIds: ["soup"],
    predictedLabelIds: ["cake"],
    confidence: { gte: 0.5, lt: 0.9 },
    fileName: "Ice & cream?",
  });
  expect(filterOf({ ...noFilters, state: "unannotated" })).toEqual({ annotated: false });
  expect(filterOf({ ...noFilters, state: "captured" })).toEqual({ source: "CAPTURE" });
  expect(filterOf({ ...noFilters, state: "accepted" })).toEqual({
    annotationSources: ["ACCEPTED"],
  });
  expect(listOf(all).orderBy).toEqual({ field: "CONFIDENCE", direction: "ASC" });
});

test("filters survive the address", () => {
  expect(readFilters(writeFilters(all))).toEqual(all);
  expect(writeFilters(noFilters).toString()).toBe("");
});

test("an address with nonsense shows everything", () => {
  expect(readFilters(new URLSearchParams("state=odd&order=odd&confidence=odd"))).toEqual(noFilters);
});

test("what is searched for stands beside the filters, and in the place of the order", () => {
  const words = withSearch(all, { words: " striped " });

  expect(listOf(words)).toEqual({
    filter: filterOf(all),
    orderBy: null,
    search: { words: "striped" },
  });
  expect(listOf(withSearch(words, { likeId: "s1" }))).toEqual({
    filter: filterOf(all),
    orderBy: null,
    search: { likeSampleId: "s1" },
  });
  expect(withSearch(words, null)).toEqual(all);
  expect(searchOf({ ...noFilters, words: " " })).toBeNull();
  expect(isFiltered({ ...noFilters, likeId: "s1" })).toBe(true);
});

test("a search survives the address, one photo rather than words", () => {
  const words = withSearch(all, { words: "not a dog & 50 %" });
  const like = withSearch(all, { likeId: "sm_1" });

  expect(readFilters(writeFilters(words))).toEqual(words);
  expect(readFilters(writeFilters(like))).toEqual(like);
  expect(readFilters(new URLSearchParams("words=dog&like=sm_1"))).toEqual({
    ...noFilters,
    likeId: "sm_1",
  });
});
