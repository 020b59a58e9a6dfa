import { mutate, query } from "./client";
import { checked } from "./failure";
import { type ResultOf, graphql } from "./graphql";
import { AT_ONCE } from "./samples";

const deletedFields = graphql(`
  fragment DeletedFields on DeletedSample @_unmask {
    id
    sampleId
    fileName
    deletedAt
    purgedAt
    label {
      id
      name
    }
    image {
      thumbnail: url(size: THUMBNAIL)
      url
    }
  }
`);

const trashPage = graphql(
  `
    query TrashPage($functionId: ID!, $first: Int!, $after: String) {
      function(id: $functionId) {
        deletedSamples(first: $first, after: $after) {
          totalCount
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            ...DeletedFields
          }
        }
      }
    }
  `,
  [deletedFields],
);

const deleteDocument = graphql(`
  mutation DeleteSamples($ids: [ID!]!) {
    deleteSamples(input: { ids: $ids }) {
      deletedSamples {
        id
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

const restoreDocument = graphql(`
  mutation RestoreSamples($ids: [ID!]!) {
    restoreSamples(input: { ids: $ids }) {
      results {
        sample {
          id
        }
        error {
          message
        }
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

const purgeDocument = graphql(`
  mutation PurgeSamples($ids: [ID!]!) {
    purgeSamples(input: { ids: $ids }) {
      errors {
        code
        message
        path
      }
    }
  }
`);

/** A photo in the trash. */
export type Deleted = ResultOf<typeof deletedFields>;

export interface Restored {
  /** The restored photos, by the IDs that they have again. */
  sampleIds: string[];
  /** The reasons why others stay in the trash, each one once. */
  reasons: string[];
}

/** A page of the trash, most recently deleted first. */
export async function fetchTrash(functionId: string, after: string | null) {
  const data = await query(trashPage, { functionId, first: AT_ONCE, after });
  const { nodes = [], totalCount = 0, pageInfo } = data.function?.deletedSamples ?? {};
  return {
    photos: nodes,
    total: totalCount,
    next: pageInfo?.hasNextPage ? pageInfo.endCursor : null,
  };
}

/** Move samples to the trash; returns their IDs there, or none if the server has no trash. */
export async function deleteSamples(ids: string[]): Promise<string[]> {
  const deleted: string[] = [];
  for (const some of parts(ids)) {
    const { deleteSamples: payload } = await mutate(
      deleteDocument,
      { ids: some },
      { outlive: true },
    );
    deleted.push(...checked(payload).deletedSamples.map(({ id }) => id));
  }
  return deleted;
}

/** Restore photos from the trash, by their IDs there. */
export async function restoreSamples(ids: string[]): Promise<Restored> {
  const sampleIds: string[] = [];
  const reasons = new Set<string>();
  for (const some of parts(ids)) {
    const { restoreSamples: payload } = await mutate(restoreDocument, { ids: some });
    for (const { sample, error } of checked(payload).results) {
      if (sample !== null) sampleIds.push(sample.id);
      if (error !== null) reasons.add(error.message);
    }
  }
  return { sampleIds, reasons: [...reasons] };
}

/** Delete photos in the trash permanently. */
export async function purgeSamples(ids: string[]): Promise<void> {
  for (const some of parts(ids)) checked((await mutate(purgeDocument, { ids: some })).purgeSamples);
}

function parts(ids: string[]): string[][] {
  const count = Math.ceil(ids.length / AT_ONCE);
  return Array.from({ length: count }, (_, part) =>
    ids.slice(part * AT_ONCE, (part + 1) * AT_ONCE),
  );
}
