import { estimateFields } from "../api/estimate";
import { graphql } from "../api/graphql";

/** The fields of a function that the accuracy panel reads. */
export const accuracyFields = graphql(
  `
    fragment AccuracyFields on Function @_unmask {
      model {
        id
        version
        fromNamesAlone
        metrics {
          taughtLabelCount
          labelCount
          unlabelledSampleCount
          accuracy {
            ...EstimateFields
          }
        }
      }
    }
  `,
  [estimateFields],
);

/** The fields of a label that its bars read. */
export const labelBarFields = graphql(
  `
    fragment LabelBarFields on Label @_unmask {
      metrics {
        support
        recall {
          ...EstimateFields
        }
      }
    }
  `,
  [estimateFields],
);
