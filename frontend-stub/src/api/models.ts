import { mutate, query } from "./client";
import { checked } from "./failure";
import { estimateFields } from "./functions";
import { type ResultOf, graphql } from "./graphql";

const confusionDocument = graphql(`
  query Confusion($functionId: ID!) {
    function(id: $functionId) {
      model {
        id
        metrics {
          confusionMatrix {
            counts
            labels {
              id
              name
            }
          }
        }
      }
    }
  }
`);

const versionsDocument = graphql(
  `
    query Versions($functionId: ID!, $after: String) {
      function(id: $functionId) {
        models(first: 100, after: $after) {
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            id
            version
            active
            createdAt
            classifier
            trainingRun {
              id
              sampleCount
            }
            metrics {
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

const activateDocument = graphql(`
  mutation ActivateModel($id: ID!) {
    activateModel(input: { id: $id }) {
      model {
        id
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

type VersionsData = ResultOf<typeof versionsDocument>;
export type Version = NonNullable<VersionsData["function"]>["models"]["nodes"][number];

interface LabelName {
  id: string;
  name: string;
}

export interface Confusion {
  /** Null in the place of a label that was deleted since. */
  labels: (LabelName | null)[];
  /** `counts[i][j]` samples annotated `labels[i]` were taken for `labels[j]`. */
  counts: number[][];
}

/** Null before the first model. */
export async function fetchConfusion(functionId: string): Promise<Confusion | null> {
  const data = await query(confusionDocument, { functionId });
  return data.function?.model?.metrics.confusionMatrix ?? null;
}

/** Every version, oldest first. */
export async function fetchVersions(functionId: string): Promise<Version[]> {
  const versions: Version[] = [];
  let after: string | null = null;
  do {
    const data: VersionsData = await query(versionsDocument, { functionId, after });
    const page = data.function?.models;
    versions.push(...(page?.nodes ?? []));
    after = page?.pageInfo.hasNextPage === true ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return versions.sort((one, other) => one.version - other.version);
}

export async function activateModel(id: string): Promise<void> {
  checked((await mutate(activateDocument, { id })).activateModel);
}
