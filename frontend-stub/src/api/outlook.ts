import { query } from "./client";
import { estimateFields } from "./estimate";
import { type ResultOf, graphql } from "./graphql";

const outlookDocument = graphql(
  `
    query Outlook($functionId: ID!, $maxErrorRate: Float!) {
      function(id: $functionId) {
        model {
          id
          metrics {
            threshold(maxErrorRate: $maxErrorRate) {
              confidence
              coverage
              errorRate {
                ...EstimateFields
              }
            }
            nextLabels(sampleCount: 20) {
              sampleCount
              gain
              labels {
                id
                name
              }
            }
          }
        }
      }
    }
  `,
  [estimateFields],
);

type Model = NonNullable<NonNullable<ResultOf<typeof outlookDocument>["function"]>["model"]>;

/** Whether the promise of a function is met, and what its next labels are worth. */
export type Outlook = Model["metrics"];

/** The outlook of the active model; null if there is none. */
export async function fetchOutlook(
  functionId: string,
  maxErrorRate: number,
): Promise<Outlook | null> {
  const data = await query(outlookDocument, { functionId, maxErrorRate });
  return data.function?.model?.metrics ?? null;
}
