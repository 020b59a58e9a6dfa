import { query } from "./client";
import { graphql } from "./graphql";

const groupsDocument = graphql(`
  query SampleGroups($functionId: ID!, $after: String) {
    function(id: $functionId) {
      sampleGroups(first: 10, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          purity
          label {
            id
            name
          }
          samples(first: 40) {
            nodes {
              id
            }
          }
        }
      }
    }
  }
`);

/** Photos without a label that probably show the same. */
export interface PhotoGroup {
  label: { id: string; name: string } | null;
  /** The share of the photos that is expected to show the label; null without one. */
  purity: number | null;
  ids: string[];
}

export interface GroupPage {
  groups: PhotoGroup[];
  /** Where the next page starts; null after the last. */
  next: string | null;
}

/** Groups of photos to label together, the purest first. */
export async function fetchPhotoGroups(
  functionId: string,
  after: string | null,
): Promise<GroupPage> {
  const data = await query(groupsDocument, { functionId, after });
  if (data.function === null) return { groups: [], next: null };
  const { nodes, pageInfo } = data.function.sampleGroups;
  const groups = nodes.map(({ label, purity, samples }) => ({
    label,
    purity,
    ids: samples.nodes.map(({ id }) => id),
  }));
  return { groups, next: pageInfo.hasNextPage ? pageInfo.endCursor : null };
}
