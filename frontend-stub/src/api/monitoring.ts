import { query } from "./client";
import { estimateFields } from "./estimate";
import { type ResultOf, type VariablesOf, graphql } from "./graphql";

const monitoringDocument = graphql(
  `
    query Monitoring($functionId: ID!, $days: Int!, $period: PeriodLength!) {
      function(id: $functionId) {
        monitoring(days: $days, period: $period) {
          since
          count
          periods {
            start
            count
            acceptCount
            reviewCount
            noneOfTheseCount
            meanConfidence
            confidence {
              low
              median
              high
            }
            noneOfThese {
              ...EstimateFields
            }
          }
          noneOfThese {
            ...EstimateFields
          }
          labels {
            label {
              id
              name
            }
            share {
              ...EstimateFields
            }
            taughtShare
          }
          drift {
            invoked {
              ...EstimateFields
            }
            heldOut {
              ...EstimateFields
            }
            difference
            lower
            upper
            detected
          }
          captures {
            reason
            count
            unannotatedCount
          }
        }
      }
    }
  `,
  [estimateFields],
);

type Answer = NonNullable<ResultOf<typeof monitoringDocument>["function"]>;

export type Monitoring = Answer["monitoring"];
export type Period = Monitoring["periods"][number];
export type PredictedLabel = Monitoring["labels"][number];
export type Drift = NonNullable<Monitoring["drift"]>;
export type CaptureCount = Monitoring["captures"][number];
export type CaptureReason = NonNullable<CaptureCount["reason"]>;
export type PeriodLength = VariablesOf<typeof monitoringDocument>["period"];

/** What a function has answered lately; null if it is gone. */
export async function fetchMonitoring(
  functionId: string,
  days: number,
  period: PeriodLength,
): Promise<Monitoring | null> {
  const data = await query(monitoringDocument, { functionId, days, period });
  return data.function?.monitoring ?? null;
}
