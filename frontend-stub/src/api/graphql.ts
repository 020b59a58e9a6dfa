import { initGraphQLTada } from "gql.tada";
import type { introspection } from "./schema";

/** Typed documents: each operation is checked against schema.graphql at compile time. */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { DateTime: string; ID: string; JSON: unknown; URL: string; Upload: Blob };
}>();

export type { FragmentOf, ResultOf, VariablesOf } from "gql.tada";
export { readFragment } from "gql.tada";
