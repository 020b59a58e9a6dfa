import { query } from "./client";
import { type ResultOf, graphql } from "./graphql";

const scopesDocument = graphql(`
  query Scopes {
    viewer {
      scopes
    }
  }
`);

export type Scope = ResultOf<typeof scopesDocument>["viewer"]["scopes"][number];

/** What the caller's key allows, including what other scopes imply. */
export async function fetchScopes(): Promise<Scope[]> {
  return (await query(scopesDocument, {})).viewer.scopes;
}
