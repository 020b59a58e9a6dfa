import { query } from "./client";
import { estimateFields } from "./estimate";
import { type ResultOf, graphql } from "./graphql";

const mixUpsDocument = graphql(
  `
    query MixUps($functionId: ID!) {
      function(id: $functionId) {
        model {
          id
          metrics {
            accuracy {
              ...EstimateFields
            }
            mixUps {
              label {
                id
                name
              }
              other {
                id
                name
              }
              share {
                ...EstimateFields
              }
              indistinguishable
              gainIfMerged
            }
          }
        }
      }
    }
  `,
  [estimateFields],
);

type Model = NonNullable<NonNullable<ResultOf<typeof mixUpsDocument>["function"]>["model"]>;

export type Mixed = Model["metrics"];
export type MixUp = Mixed["mixUps"][number];

/** The labels that the active model mixes up; null without a model. */
export async function fetchMixUps(functionId: string): Promise<Mixed | null> {
  const data = await query(mixUpsDocument, { functionId });
  return data.function?.model?.metrics ?? null;
}
