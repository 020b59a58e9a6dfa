import { graphql } from "../../api/graphql";

/** The field of a function that the advice for a prediction reads. */
export const decisionFields = graphql(`
  fragment DecisionFields on Function @_unmask {
    maxErrorRate
  }
`);
