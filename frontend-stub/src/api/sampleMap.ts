import type { MapPoint } from "../logic/sampleMap";
import { query } from "./client";
import { graphql } from "./graphql";

const mapDocument = graphql(`
  query SampleMap($functionId: ID!, $first: Int!, $after: String) {
    function(id: $functionId) {
      sampleMap(first: $first, after: $after) {
        sampleIds
        x
        y
        labelIds
        predictedLabelIds
        confidences
        version
        endCursor
      }
    }
  }
`);

/** The API's limit. */
const PAGE = 1_000;

export interface MapPage {
  points: MapPoint[];
  /** Of the model whose space it is; null before the first. */
  version: number | null;
  next: string | null;
}

/** A page of a function's map, newest samples first. */
export async function fetchMapPage(functionId: string, after: string | null): Promise<MapPage> {
  const data = await query(mapDocument, { functionId, after, first: PAGE });
  if (data.function === null) return { points: [], version: null, next: null };
  const { sampleIds, x, y, labelIds, predictedLabelIds, confidences, version, endCursor } =
    data.function.sampleMap;
  const points = sampleIds.map((id, at) => ({
    id,
    x: x[at] ?? 0,
    y: y[at] ?? 0,
    labelId: labelIds[at] ?? null,
    guessId: predictedLabelIds[at] ?? null,
    confidence: confidences[at] ?? null,
  }));
  return { points, version, next: endCursor };
}
