import { estimateFields } from "../api/estimate";
import { graphql } from "../api/graphql";

/** What the accuracy panel reads of a function. */
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

/** What its bars read of a label. */
export const labelBarFields = graphql(
  `
    fragment LabelBarFields on Label @_unmask {
      sampleCount
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
