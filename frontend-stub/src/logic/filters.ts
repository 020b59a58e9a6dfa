import type { SampleFilter, SampleList, SampleOrder, SampleSearch } from "../api/samples";
import { hrefOf } from "./route";

export const states = [
  "all",
  "unannotated",
  "annotated",
  "accepted",
  "disputed",
  "captured",
] as const;
export type State = (typeof states)[number];

export const confidences = ["any", "low", "middle", "high"] as const;
export type Confidence = (typeof confidences)[number];

export const orders = ["newest", "oldest", "unsure", "sure"] as const;
export type Order = (typeof orders)[number];

/** What the samples screen shows; it is in the address, so that a link leads to the same photos. */
export interface Filters {
  state: State;
  labelId: string | null;
  /** The held-out prediction. */
  predictedId: string | null;
  confidence: Confidence;
  /** A part of the name of the photo's file; empty for any. */
  fileName: string;
  order: Order;
  /** Words to search the photos for; empty for none. */
  words: string;
  /** ID of the photo to compare others with; null if there are words. */
  likeId: string | null;
}

export const noFilters: Filters = {
  state: "all",
  labelId: null,
  predictedId: null,
  confidence: "any",
  fileName: "",
  order: "newest",
  words: "",
  likeId: null,
};

const BOUNDS: Record<Exclude<Confidence, "any">, { gte?: number; lt?: number }> = {
  low: { lt: 0.5 },
  middle: { gte: 0.5, lt: 0.9 },
  high: { gte: 0.9 },
};

const ORDERS: Record<Order, SampleOrder> = {
  newest: { field: "CREATED_AT", direction: "DESC" },
  oldest: { field: "CREATED_AT", direction: "ASC" },
  unsure: { field: "CONFIDENCE", direction: "ASC" },
  sure: { field: "CONFIDENCE", direction: "DESC" },
};

export function filterOf(filters: Filters): SampleFilter {
  const { state, labelId, predictedId, confidence, fileName } = filters;
  return {
    ...(state === "annotated" && { annotated: true }),
    ...(state === "unannotated" && { annotated: false }),
    ...(state === "accepted" && { annotationSources: ["ACCEPTED"] }),
    ...(state === "disputed" && { disputed: true }),
    ...(state === "captured" && { source: "CAPTURE" }),
    ...(labelId !== null && { labelIds: [labelId] }),
    ...(predictedId !== null && { predictedLabelIds: [predictedId] }),
    ...(confidence !== "any" && { confidence: BOUNDS[confidence] }),
    ...(fileName.trim() !== "" && { fileName: fileName.trim() }),
  };
}

/** The search in the form of the API; null if nothing is searched for. */
export function searchOf({ words, likeId }: Filters): SampleSearch | null {
  if (likeId !== null) return { likeSampleId: likeId };
  return words.trim() === "" ? null : { words: words.trim() };
}

export function listOf(filters: Filters): SampleList {
  const search = searchOf(filters);
  const orderBy = search === null ? ORDERS[filters.order] : null;
  return { filter: filterOf(filters), orderBy, search };
}

/** The address of the photos like one, among all photos of a function. */
export function likeHref(functionId: string, likeId: string): string {
  return hrefOf(functionId, "samples", writeFilters(withSearch(noFilters, { likeId })));
}

/** Return the same filters with another search, or with none. */
export function withSearch(
  filters: Filters,
  search: { words: string } | { likeId: string } | null,
): Filters {
  return { ...filters, words: "", likeId: null, ...search };
}

export function readFilters(search: URLSearchParams): Filters {
  const likeId = search.get("like");
  return {
    state: oneOf(states, search.get("state")) ?? noFilters.state,
    labelId: search.get("label"),
    predictedId: search.get("predicted"),
    confidence: oneOf(confidences, search.get("confidence")) ?? noFilters.confidence,
    fileName: search.get("file") ?? noFilters.fileName,
    order: oneOf(orders, search.get("order")) ?? noFilters.order,
    words: likeId === null ? (search.get("words") ?? noFilters.words) : noFilters.words,
    likeId,
  };
}

export function writeFilters(filters: Filters): URLSearchParams {
  const search = new URLSearchParams();
  if (filters.state !== noFilters.state) search.set("state", filters.state);
  if (filters.labelId !== null) search.set("label", filters.labelId);
  if (filters.predictedId !== null) search.set("predicted", filters.predictedId);
  if (filters.confidence !== noFilters.confidence) search.set("confidence", filters.confidence);
  if (filters.fileName !== "") search.set("file", filters.fileName);
  if (filters.order !== noFilters.order) search.set("order", filters.order);
  if (filters.words !== "") search.set("words", filters.words);
  if (filters.likeId !== null) search.set("like", filters.likeId);
  return search;
}

/** Whether some samples may be left out. */
export function isFiltered(filters: Filters): boolean {
  return searchOf(filters) !== null || Object.keys(filterOf(filters)).length > 0;
}

function oneOf<Name extends string>(names: readonly Name[], name: string | null): Name | null {
  return names.find((one) => one === name) ?? null;
}
