import { mutate, query } from "./client";
import { checked } from "./failure";
import { type Estimate, estimateFields } from "./estimate";
import { type Sample, sampleFields } from "./samples";
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

const changedDocument = graphql(
  `
    query ChangedSince($functionId: ID!, $version: Int!) {
      function(id: $functionId) {
        model {
          id
          changedSince(version: $version, first: 50) {
            totalCount
            nodes {
              ...SampleFields
            }
          }
        }
      }
    }
  `,
  [sampleFields],
);

const thresholdDocument = graphql(
  `
    query Threshold($functionId: ID!, $maxErrorRate: Float!) {
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
  /** Null in place of a label that has been deleted since. */
  labels: (LabelName | null)[];
  /** `counts[i][j]`: samples annotated as `labels[i]` and predicted as `labels[j]`. */
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

/** Samples that the active version predicts differently from another version. */
export async function fetchChanged(
  functionId: string,
  version: number,
): Promise<{ samples: Sample[]; total: number }> {
  const data = await query(changedDocument, { functionId, version });
  const changed = data.function?.model?.changedSince;
  return { samples: changed?.nodes ?? [], total: changed?.totalCount ?? 0 };
}

export interface Threshold {
  confidence: number;
  coverage: number;
  /** Measured among the accepted predictions; null if there are none. */
  errorRate: Estimate | null;
}

/** The confidence that a promised error rate requires; null before the first version. */
export async function fetchThreshold(
  functionId: string,
  maxErrorRate: number,
): Promise<Threshold | null> {
  const data = await query(thresholdDocument, { functionId, maxErrorRate });
  return data.function?.model?.metrics.threshold ?? null;
}

export async function activateModel(id: string): Promise<void> {
  checked((await mutate(activateDocument, { id })).activateModel);
}
