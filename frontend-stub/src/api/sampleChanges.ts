import { mutate } from "./client";
import { checked, passes } from "./failure";
import { type ResultOf, graphql } from "./graphql";

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

const resultFields = graphql(`
  fragment AnnotationResultFields on AnnotationResult @_unmask {
    error {
      code
    }
    sample {
      id
      annotation {
        source
        confirmed
        label {
          id
          name
        }
      }
    }
  }
`);

const annotateDocument = graphql(
  `
    mutation Annotate($annotations: [AnnotationInput!]!) {
      annotateSamples(input: { annotations: $annotations }) {
        results {
          ...AnnotationResultFields
        }
        errors {
          code
          message
          path
        }
      }
    }
  `,
  [resultFields],
);

const clearDocument = graphql(
  `
    mutation ClearAnnotations($sampleIds: [ID!]!, $expectedLabelIds: [ID!]) {
      clearAnnotations(input: { sampleIds: $sampleIds, expectedLabelIds: $expectedLabelIds }) {
        results {
          ...AnnotationResultFields
        }
        errors {
          code
          message
          path
        }
      }
    }
  `,
  [resultFields],
);

const retryDocument = graphql(`
  mutation RetrySamples($sampleIds: [ID!]!) {
    retrySamples(input: { sampleIds: $sampleIds }) {
      errors {
        code
        message
        path
      }
    }
  }
`);

export interface NewSample {
  file: Blob;
  labelName?: string | undefined;
}

export interface Added {
  duplicate: boolean;
  error: string | null;
  /** Whether the same picture can succeed later without a change. */
  canWorkLater: boolean;
}

/** Upload pictures; the result has the outcome of each. */
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
    canWorkLater: error !== null && passes(error.code),
  }));
}

/** A person's annotation of a sample; a null label removes it. */
export interface Said {
  sampleId: string;
  labelId: string | null;
  /** Whether it is confirmed; if omitted, a confirmation stays as long as the label does. */
  confirmed?: boolean | undefined;
}

/** An annotation, and the label that the server is expected to have; undefined if unknown. */
export interface Expecting extends Said {
  expectedId: string | null | undefined;
}

/** A sample that somebody else has annotated meanwhile, in its new state. */
export type Conflict = ResultOf<typeof resultFields>["sample"];

/** Annotate at most 100 samples; those that are not as expected stay and are returned. */
export async function saveAnnotations(annotations: Expecting[]): Promise<Conflict[]> {
  const said = annotations.flatMap(({ sampleId, labelId, expectedId, confirmed = null }) =>
    labelId === null
      ? []
      : [
          {
            sampleId,
            label: { labelId },
            confirmed,
            ...(expectedId !== undefined && { expected: { labelId: expectedId } }),
          },
        ],
  );
  // A sample without a label has nothing to clear.
  const clear = annotations.filter((one) => one.labelId === null && one.expectedId !== null);
  const sure = clear.flatMap(({ sampleId, expectedId }) =>
    expectedId == null ? [] : [{ sampleId, expectedId }],
  );
  const unsure = clear.filter((one) => one.expectedId === undefined);
  const results = [];
  if (said.length > 0) {
    const { annotateSamples } = await mutate(annotateDocument, { annotations: said });
    results.push(...checked(annotateSamples).results);
  }
  for (const [some, expectedLabelIds] of [
    [sure, sure.map(({ expectedId }) => expectedId)],
    [unsure, null],
  ] as const) {
    if (some.length === 0) continue;
    const sampleIds = some.map(({ sampleId }) => sampleId);
    const { clearAnnotations } = await mutate(clearDocument, { sampleIds, expectedLabelIds });
    results.push(...checked(clearAnnotations).results);
  }
  return results.filter(({ error }) => error?.code === "CONFLICT").map(({ sample }) => sample);
}

/** Retry at most 100 photos that could not be read. */
export async function retrySamples(sampleIds: string[]): Promise<void> {
  checked((await mutate(retryDocument, { sampleIds })).retrySamples);
}
