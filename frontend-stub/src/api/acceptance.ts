import { mutate, query } from "./client";
import { estimateFields } from "./estimate";
import { checked } from "./failure";
import { type ResultOf, graphql } from "./graphql";
import type { SampleFilter } from "./samples";

const acceptableDocument = graphql(
  `
    query Acceptable($functionId: ID!, $minConfidence: Float!, $filter: SampleFilter) {
      function(id: $functionId) {
        acceptablePredictions(minConfidence: $minConfidence, filter: $filter) {
          count
          expectedErrors
          version
          errorRate {
            ...EstimateFields
          }
        }
      }
    }
  `,
  [estimateFields],
);

const acceptDocument = graphql(`
  mutation AcceptPredictions($input: AcceptPredictionsInput!) {
    acceptPredictions(input: $input) {
      acceptedCount
      hasMore
      acceptedAt
      errors {
        code
        message
        path
      }
    }
  }
`);

const undoDocument = graphql(`
  mutation UndoAcceptance($functionId: ID!, $acceptedAt: DateTime!) {
    undoAcceptance(input: { functionId: $functionId, acceptedAt: $acceptedAt }) {
      clearedCount
      hasMore
      errors {
        code
        message
        path
      }
    }
  }
`);

type Answer = ResultOf<typeof acceptableDocument>["function"];

/** The answers of the model that would be accepted, and the errors to expect. */
export type Acceptable = NonNullable<Answer>["acceptablePredictions"];

/** Which answers to accept. */
export interface Wanted {
  functionId: string;
  minConfidence: number;
  filter: SampleFilter;
}

/** What would be accepted; null if the function is gone. */
export async function fetchAcceptable(wanted: Wanted): Promise<Acceptable | null> {
  const data = await query(acceptableDocument, { ...wanted });
  return data.function?.acceptablePredictions ?? null;
}

/** The part of an acceptance that one request has made. */
export type AcceptedPart = ResultOf<typeof acceptDocument>["acceptPredictions"];

/** Accept the next answers of a version of the model, as a new acceptance or a part of one. */
export async function acceptSome(
  wanted: Wanted,
  version: number,
  acceptedAt: string | null,
): Promise<AcceptedPart> {
  const { acceptPredictions } = await mutate(acceptDocument, {
    input: { ...wanted, version, acceptedAt },
  });
  return checked(acceptPredictions);
}

/** Take the next answers of an acceptance back. */
export async function takeBackSome(functionId: string, acceptedAt: string) {
  const { undoAcceptance } = await mutate(undoDocument, { functionId, acceptedAt });
  return checked(undoAcceptance);
}
