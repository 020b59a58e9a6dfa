import { estimateFields } from "../../api/estimate";
import { graphql } from "../../api/graphql";

/** The fields of a function that the quiz's score reads. */
export const quizFields = graphql(
  `
    fragment QuizFields on Function @_unmask {
      quizAccuracy {
        ...EstimateFields
      }
    }
  `,
  [estimateFields],
);
