import { mutate, query } from "./client";
import { checked } from "./failure";
import { type ResultOf, type VariablesOf, graphql } from "./graphql";

const sampleFields = graphql(`
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
    ) {
      function(id: $functionId) {
        samples(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
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

/** The same samples as they are now; those that are gone are left out. At most 100. */
export async function refetchSamples(ids: string[]): Promise<Sample[]> {
  const { nodes } = await query(sampleNodes, { ids });
  return nodes.filter((node) => node?.__typename === "Sample");
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

/** Say what samples are; a null label takes the annotation away. At most 100 of each. */
export async function saveAnnotations(
  annotations: { sampleId: string; labelId: string | null }[],
): Promise<void> {
  const said = annotations.flatMap(({ sampleId, labelId }) =>
    labelId === null ? [] : [{ sampleId, label: { labelId } }],
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
