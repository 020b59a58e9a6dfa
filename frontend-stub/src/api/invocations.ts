import { mutate } from "./client";
import { checked } from "./failure";
import { type ResultOf, graphql } from "./graphql";

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

const feedbackDocument = graphql(`
  mutation GiveFeedback($invocationId: ID!, $labelId: ID!) {
    giveFeedback(input: { invocationId: $invocationId, label: { labelId: $labelId } }) {
      sample {
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

export type Prediction = ResultOf<typeof predictionFields>;
export type Invocation = NonNullable<ResultOf<typeof invokeDocument>["invoke"]["invocation"]>;

/** Ask a function about a picture. */
export async function invoke(functionId: string, picture: Blob): Promise<Invocation> {
  const { invoke: payload } = await mutate(invokeDocument, {
    functionId,
    image: { upload: picture },
  });
  const { invocation } = checked(payload);
  if (invocation === null) throw new Error("invoke answered neither an invocation nor an error.");
  return invocation;
}

/** Say what the right answer was; the picture becomes an annotated sample. */
export async function giveFeedback(invocationId: string, labelId: string): Promise<void> {
  checked((await mutate(feedbackDocument, { invocationId, labelId })).giveFeedback);
}
