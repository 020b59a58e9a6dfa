import { initGraphQLTada } from "gql.tada";
import type { introspection } from "./schema";

/** Typed documents: every operation below is checked against schema.graphql when it is compiled. */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { DateTime: string; ID: string; JSON: unknown; URL: string; Upload: Blob };
}>();

export type { FragmentOf, ResultOf, VariablesOf } from "gql.tada";
export { readFragment } from "gql.tada";
