import { mutate, query } from "./client";
import { checked } from "./failure";
import { type ResultOf, type VariablesOf, graphql } from "./graphql";

export const sampleFields = graphql(`
  fragment SampleFields on Sample @_unmask {
    id
    externalId
    createdAt
    disputed
    image {
      thumbnail: url(size: THUMBNAIL)
      url
      width
      height
    }
    annotation {
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
      $skip: Int! = 0
    ) {
      function(id: $functionId) {
        samples(first: $first, after: $after, filter: $filter, orderBy: $orderBy, skip: $skip) {
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
  ) {
    function(id: $functionId) {
      samples(first: $first, skip: $skip, filter: $filter, orderBy: $orderBy) {
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

const groupsDocument = graphql(
  `
    query NearDuplicateGroups($functionId: ID!, $first: Int!, $skip: Int!) {
      function(id: $functionId) {
        nearDuplicates(first: $first, skip: $skip) {
          totalCount
          groups {
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

const addSamplesDocument = graphql(`
  mutation AddSamples($input: AddSamplesInput!) {
    addSamples(input: $input) {
      results {
        duplicate
        error {
          code
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

const annotateDocument = graphql(`
  mutation Annotate($annotations: [AnnotationInput!]!) {
    annotateSamples(input: { annotations: $annotations }) {
      errors {
        code
        message
        path
      }
    }
  }
`);

const clearDocument = graphql(`
  mutation ClearAnnotations($sampleIds: [ID!]!) {
    clearAnnotations(input: { sampleIds: $sampleIds }) {
      errors {
        code
        message
        path
      }
    }
  }
`);

const deleteDocument = graphql(`
  mutation DeleteSamples($ids: [ID!]!) {
    deleteSamples(input: { ids: $ids }) {
      deletedSampleIds
      errors {
        code
        message
        path
      }
    }
  }
`);

/** The API's bound on entries of one mutation and rows of one page. */
export const AT_ONCE = 100;

export type Sample = ResultOf<typeof sampleFields>;
export type SampleFilter = NonNullable<VariablesOf<typeof samplePage>["filter"]>;
export type SampleOrder = NonNullable<VariablesOf<typeof samplePage>["orderBy"]>;

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
  filter: SampleFilter,
  orderBy: SampleOrder,
  skip: number,
  first: number,
): Promise<SamplePage> {
  const data = await query(samplePage, { functionId, filter, orderBy, skip, first, after: null });
  const { nodes = [], totalCount = 0 } = data.function?.samples ?? {};
  return { samples: nodes, total: totalCount, next: null };
}

/** Which samples these rows of a list are. */
export async function fetchIds(
  functionId: string,
  filter: SampleFilter,
  orderBy: SampleOrder,
  skip: number,
  first: number,
): Promise<string[]> {
  const data = await query(sampleIds, { functionId, filter, orderBy, skip, first });
  return (data.function?.samples.nodes ?? []).map(({ id }) => id);
}

/** The same samples as they are now; those that are gone are left out. At most 100. */
export async function refetchSamples(ids: string[]): Promise<Sample[]> {
  const { nodes } = await query(sampleNodes, { ids });
  return nodes.filter((node) => node?.__typename === "Sample");
}

/** Other samples that show almost the same picture. */
export async function fetchNearDuplicates(id: string): Promise<Sample[]> {
  const { node } = await query(duplicatesDocument, { id });
  return node?.__typename === "Sample" ? node.nearDuplicates : [];
}

/** Photos that show almost the same, those annotated differently first. */
export async function fetchGroups(functionId: string, first: number, skip: number) {
  const data = await query(groupsDocument, { functionId, first, skip });
  return data.function?.nearDuplicates ?? { totalCount: 0, groups: [] };
}

export interface NewSample {
  file: Blob;
  labelName?: string | undefined;
}

export interface Added {
  duplicate: boolean;
  error: string | null;
}

/** Upload pictures; the answer says for each what became of it. */
export async function addSamples(functionId: string, pictures: NewSample[]): Promise<Added[]> {
  const samples = pictures.map(({ file, labelName }) => ({
    image: { upload: file },
    ...(labelName !== undefined && { annotation: { labelName } }),
  }));
  const { addSamples: payload } = await mutate(addSamplesDocument, {
    input: { functionId, samples },
  });
  return checked(payload).results.map(({ duplicate, error }) => ({
    duplicate,
    error: error?.message ?? null,
  }));
}

/** What a person says of a sample; a null label takes the annotation away. */
export interface Said {
  sampleId: string;
  labelId: string | null;
  /** Whether it holds whatever the model says; unsaid, it stays as it was while the label does. */
  confirmed?: boolean | undefined;
}

/** Say what samples are, at most 100. */
export async function saveAnnotations(annotations: Said[]): Promise<void> {
  const said = annotations.flatMap(({ sampleId, labelId, confirmed = null }) =>
    labelId === null ? [] : [{ sampleId, label: { labelId }, confirmed }],
  );
  const cleared = annotations.filter((one) => one.labelId === null).map((one) => one.sampleId);
  if (said.length > 0)
    checked((await mutate(annotateDocument, { annotations: said })).annotateSamples);
  if (cleared.length > 0) {
    checked((await mutate(clearDocument, { sampleIds: cleared })).clearAnnotations);
  }
}

/** Delete samples for good. */
export async function deleteSamples(ids: string[]): Promise<void> {
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const some = ids.slice(from, from + AT_ONCE);
    checked((await mutate(deleteDocument, { ids: some }, { outlive: true })).deleteSamples);
  }
}
