import { query } from "./client";
import { graphql } from "./graphql";

const warningDocument = graphql(`
  query BacklogWarning {
    backlog {
      warning
    }
  }
`);

/** Why no training happens at the moment, as a sentence; null while a worker takes jobs. */
export async function fetchWarning(): Promise<string | null> {
  return (await query(warningDocument, {})).backlog.warning;
}
