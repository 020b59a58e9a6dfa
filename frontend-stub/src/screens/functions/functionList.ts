import { query } from "../../api/client";
import { estimateFields } from "../../api/estimate";
import { type ResultOf, graphql } from "../../api/graphql";

const functionList = graphql(
  `
    query FunctionList($after: String) {
      functions(first: 100, after: $after) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          name
          description
          visibility
          state
          createdAt
          readiness {
            trainable
            missing
          }
          sampleCounts {
            total
            annotated
          }
          labels(first: 6) {
            totalCount
            nodes {
              id
              name
            }
          }
          model {
            id
            version
            fromNamesAlone
            metrics {
              taughtLabelCount
              labelCount
              accuracy {
                ...EstimateFields
              }
            }
          }
        }
      }
    }
  `,
  [estimateFields],
);

export type FunctionSummary = ResultOf<typeof functionList>["functions"]["nodes"][number];

/** All functions that the caller may see. */
export async function listFunctions(): Promise<FunctionSummary[]> {
  const all: FunctionSummary[] = [];
  let after: string | null = null;
  do {
    const { functions }: ResultOf<typeof functionList> = await query(functionList, { after });
    all.push(...functions.nodes);
    after = functions.pageInfo.hasNextPage ? functions.pageInfo.endCursor : null;
  } while (after !== null);
  return all;
}
