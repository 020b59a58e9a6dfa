import { estimateFields } from "../../api/estimate";
import { graphql } from "../../api/graphql";

/** What the quiz's score reads of a function. */
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
