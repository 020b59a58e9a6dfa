import { graphql } from "../../api/graphql";

/** The field of a function that its code and the card of its keys read. */
export const keysFields = graphql(`
  fragment KeysFields on Function @_unmask {
    visibility
  }
`);
