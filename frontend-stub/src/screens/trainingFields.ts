import { graphql } from "../api/graphql";

/** The field of a function that the state of its training and the list of its versions read. */
export const trainingFields = graphql(`
  fragment TrainingFields on Function @_unmask {
    autoTrain
  }
`);
