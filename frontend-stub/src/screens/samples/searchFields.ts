import { graphql } from "../../api/graphql";

/** The fields of a function that the search uses. */
export const searchFields = graphql(`
  fragment SearchFields on Function @_unmask {
    encoder
  }
`);
