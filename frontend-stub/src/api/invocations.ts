import { mutate, query } from "./client";
import { checked, given } from "./failure";
import { type ResultOf, graphql } from "./graphql";
import type { Sample } from "./samples";

const predictionFields = graphql(`
  fragment PredictionFields on Prediction @_unmask {
    confidence
    label {
      id
      name
    }
    ranking(first: 5) {
      confidence
      label {
        id
        name
      }
    }
    decision
    evidence(first: 5) {
      similarity
      disputed
      sample {
        id
        image {
          thumbnail: url(size: THUMBNAIL)
        }
        annotation {
          label {
            id
            name
          }
        }
      }
    }
    model {
      id
      version
    }
  }
`);

const invokeDocument = graphql(
  `
    mutation Invoke($functionId: ID!, $image: ImageInput!) {
      invoke(input: { functionId: $functionId, image: $image, topK: 5 }) {
        invocation {
          id
          modelTime
          prediction {
            ...PredictionFields
          }
        }
        errors {
          code
          message
          path
        }
      }
    }
  `,
  [predictionFields],
);

const invocationDocument = graphql(
  `
    query Invocation($id: ID!) {
      node(id: $id) {
        __typename
        ... on Invocation {
          id
          modelTime
          prediction {
            ...PredictionFields
          }
        }
      }
    }
  `,
  [predictionFields],
);

const askedDocument = graphql(`
  query BeforeFeedback($id: ID!) {
    node(id: $id) {
      __typename
      ... on Invocation {
        createdAt
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
    }
  }
`);

const feedbackDocument = graphql(`
  mutation GiveFeedback($invocationId: ID!, $labelId: ID!) {
    giveFeedback(input: { invocationId: $invocationId, label: { labelId: $labelId } }) {
      sample {
        id
        createdAt
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

export type Prediction = ResultOf<typeof predictionFields>;
export type Invocation = NonNullable<ResultOf<typeof invokeDocument>["invoke"]["invocation"]>;

/** Invoke a function on a picture. */
export async function invoke(functionId: string, picture: Blob): Promise<Invocation> {
  const { invoke: payload } = await mutate(invokeDocument, {
    functionId,
    image: { upload: picture },
  });
  return given(checked(payload).invocation, "invoke", "an invocation");
}

/** An invocation of the last 30 days; null if it is older or its labels are all gone. */
export async function fetchInvocation(id: string): Promise<Invocation | null> {
  const { node } = await query(invocationDocument, { id });
  return node?.__typename === "Invocation" ? node : null;
}

/** The sample that a picture became, and its annotation before that. */
export interface Feedback {
  sampleId: string;
  labelId: string;
  /** Its earlier annotation; `absent` if it was no sample, `unknown` if it was one already. */
  before: Sample["annotation"] | "absent" | "unknown";
}

/** Give the right label; the picture becomes an annotated sample. */
export async function giveFeedback(invocationId: string, labelId: string): Promise<Feedback> {
  const { node } = await query(askedDocument, { id: invocationId });
  const asked = node?.__typename === "Invocation" ? node : null;
  const { giveFeedback: payload } = await mutate(feedbackDocument, { invocationId, labelId });
  const sample = given(checked(payload).sample, "giveFeedback", "a sample");
  const before = asked?.sample?.id === sample.id ? asked.sample.annotation : "unknown";
  const isNew = asked !== null && asked.sample === null && sample.createdAt >= asked.createdAt;
  return { sampleId: sample.id, labelId, before: isNew ? "absent" : before };
}
