import { expect, test } from "vitest";
import {
  type Filters,
  filterOf,
  isFiltered,
  noFilters,
  orderOf,
  readFilters,
  writeFilters,
} from "./filters";

const all: Filters = {
  state: "disputed",
  labelId: "soup",
  predictedId: "cake",
  confidence: "middle",
  fileName: " Ice & cream? ",
  order: "unsure",
};

test("without filters the API is asked for everything, newest first", () => {
  expect(filterOf(noFilters)).toEqual({});
  expect(orderOf(noFilters)).toEqual({ field: "CREATED_AT", direction: "DESC" });
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
  expect(orderOf(all)).toEqual({ field: "CONFIDENCE", direction: "ASC" });
});

test("filters survive the address", () => {
  expect(readFilters(writeFilters(all))).toEqual(all);
  expect(writeFilters(noFilters).toString()).toBe("");
});

test("an address with nonsense shows everything", () => {
  expect(readFilters(new URLSearchParams("state=odd&order=odd&confidence=odd"))).toEqual(noFilters);
});
