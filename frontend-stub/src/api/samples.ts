import { query } from "./client";
import { type ResultOf, type VariablesOf, graphql } from "./graphql";

export const sampleFields = graphql(`
  fragment SampleFields on Sample @_unmask {
    id
    externalId
    fileName
    createdAt
    captureReason
    disputed
    unreadable
    image {
      thumbnail: url(size: THUMBNAIL)
      url
      width
      height
    }
    annotation {
      source
      confirmed
      label {
        id
        name
      }
    }
    crossValidated {
      confidence
      label {
        id
        name
      }
    }
  }
`);

const samplePage = graphql(
  `
    query SamplePage(
      $functionId: ID!
      $first: Int!
      $after: String
      $filter: SampleFilter
      $orderBy: SampleOrder
      $search: SampleSearch
      $skip: Int! = 0
    ) {
      function(id: $functionId) {
        samples(
          first: $first
          after: $after
          filter: $filter
          orderBy: $orderBy
          search: $search
          skip: $skip
        ) {
          totalCount
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            ...SampleFields
          }
        }
      }
    }
  `,
  [sampleFields],
);

const sampleIds = graphql(`
  query SampleIds(
    $functionId: ID!
    $first: Int!
    $skip: Int!
    $filter: SampleFilter
    $orderBy: SampleOrder
    $search: SampleSearch
  ) {
    function(id: $functionId) {
      samples(first: $first, skip: $skip, filter: $filter, orderBy: $orderBy, search: $search) {
        nodes {
          id
        }
      }
    }
  }
`);

const sampleNodes = graphql(
  `
    query SampleNodes($ids: [ID!]!) {
      nodes(ids: $ids) {
        __typename
        ... on Sample {
          ...SampleFields
        }
      }
    }
  `,
  [sampleFields],
);

const duplicatesDocument = graphql(
  `
    query NearDuplicates($id: ID!) {
      node(id: $id) {
        __typename
        ... on Sample {
          nearDuplicates(first: 6) {
            ...SampleFields
          }
        }
      }
    }
  `,
  [sampleFields],
);

const sampleDetails = graphql(`
  query SampleDetails($id: ID!) {
    node(id: $id) {
      __typename
      ... on Sample {
        metadata
        annotation {
          createdAt
          createdBy
        }
      }
    }
  }
`);

const lookedAtDocument = graphql(`
  query LookedAt($id: ID!) {
    node(id: $id) {
      __typename
      ... on Sample {
        lookedAt {
          left
          top
          width
          height
        }
      }
    }
  }
`);

const groupsDocument = graphql(
  `
    query NearDuplicateGroups($functionId: ID!, $first: Int!, $skip: Int!) {
      function(id: $functionId) {
        nearDuplicates(first: $first, skip: $skip) {
          totalCount
          groups: nodes {
            size
            contradictory
            samples {
              ...SampleFields
            }
          }
        }
      }
    }
  `,
  [sampleFields],
);

/** The API's limit on entries of a mutation and rows of a page. */
export const AT_ONCE = 100;

export type Sample = ResultOf<typeof sampleFields>;
export type SampleFilter = NonNullable<VariablesOf<typeof samplePage>["filter"]>;
export type SampleOrder = NonNullable<VariablesOf<typeof samplePage>["orderBy"]>;

export type SampleSearch = NonNullable<VariablesOf<typeof samplePage>["search"]>;

/** Which samples a list has, and their order. A search orders by likeness, so `orderBy` is null beside it. */
export interface SampleList {
  filter: SampleFilter;
  orderBy: SampleOrder | null;
  search: SampleSearch | null;
}

export interface SamplePage {
  samples: Sample[];
  total: number;
  /** Where the next page starts; null after the last. */
  next: string | null;
}

export async function fetchSamples(
  functionId: string,
  filter: SampleFilter,
  orderBy: SampleOrder,
  after: string | null,
  first = AT_ONCE,
): Promise<SamplePage> {
  const data = await query(samplePage, { functionId, filter, orderBy, after, first });
  if (data.function === null) return { samples: [], total: 0, next: null };
  const { nodes, totalCount, pageInfo } = data.function.samples;
  const next = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  return { samples: nodes, total: totalCount, next };
}

/** Samples from a row of a list on. */
export async function fetchRows(
  functionId: string,
  list: SampleList,
  skip: number,
  first: number,
  signal?: AbortSignal,
): Promise<SamplePage> {
  const data = await query(samplePage, { functionId, ...list, skip, first, after: null }, signal);
  const { nodes = [], totalCount = 0 } = data.function?.samples ?? {};
  return { samples: nodes, total: totalCount, next: null };
}

/** The IDs of the samples in these rows of a list. */
export async function fetchIds(
  functionId: string,
  list: SampleList,
  skip: number,
  first: number,
): Promise<string[]> {
  const data = await query(sampleIds, { functionId, ...list, skip, first });
  return (data.function?.samples.nodes ?? []).map(({ id }) => id);
}

/** The current state of at most 100 samples; deleted ones are left out. */
export async function refetchSamples(ids: string[]): Promise<Sample[]> {
  const { nodes } = await query(sampleNodes, { ids });
  return nodes.filter((node) => node?.__typename === "Sample");
}

/** Near-duplicates of a sample. */
export async function fetchNearDuplicates(id: string): Promise<Sample[]> {
  const { node } = await query(duplicatesDocument, { id });
  return node?.__typename === "Sample" ? node.nearDuplicates : [];
}

/** Groups of near-duplicates, those with different annotations first. */
export async function fetchGroups(functionId: string, first: number, skip: number) {
  const data = await query(groupsDocument, { functionId, first, skip });
  return data.function?.nearDuplicates ?? { totalCount: 0, groups: [] };
}

export interface SampleDetails {
  /** What the uploader told of the picture, sorted by key. */
  metadata: [key: string, value: string][];
  annotatedAt: string | null;
  annotatedBy: string | null;
}

/** What lists of samples leave out: metadata, and who annotated the sample. */
export async function fetchSampleDetails(id: string): Promise<SampleDetails> {
  const { node } = await query(sampleDetails, { id });
  const sample = node?.__typename === "Sample" ? node : null;
  const given = Object.entries((sample?.metadata ?? {}) as Record<string, string>);
  return {
    metadata: given.sort(([one], [other]) => one.localeCompare(other, "en")),
    annotatedAt: sample?.annotation?.createdAt ?? null,
    annotatedBy: sample?.annotation?.createdBy ?? null,
  };
}

/** The parts of a sample's picture that the model sees, as shares of its sides. */
export async function fetchLookedAt(id: string) {
  const { node } = await query(lookedAtDocument, { id });
  return node?.__typename === "Sample" ? node.lookedAt : [];
}
