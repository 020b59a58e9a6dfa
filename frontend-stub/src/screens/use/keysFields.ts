import { graphql } from "../../api/graphql";

/** The field of a function that the card of its keys reads. */
export const keysFields = graphql(`
  fragment KeysFields on Function @_unmask {
    visibility
  }
`);
