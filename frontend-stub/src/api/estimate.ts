import { type ResultOf, graphql } from "./graphql";

export const estimateFields = graphql(`
  fragment EstimateFields on Estimate @_unmask {
    value
    lower
    upper
    count
    sampleCount
  }
`);

export type Estimate = ResultOf<typeof estimateFields>;
