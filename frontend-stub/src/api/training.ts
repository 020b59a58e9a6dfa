import { mutate } from "./client";
import { subscribe } from "./connection";
import { type Failure, checked } from "./failure";
import { estimateFields } from "./estimate";
import { type ResultOf, graphql } from "./graphql";

const runFields = graphql(
  `
    fragment RunFields on TrainingRun @_unmask {
      id
      state
      stage
      progress
      failure
      waitingFor
      keptBack
      sampleCount
      accuracy {
        ...EstimateFields
      }
    }
  `,
  [estimateFields],
);

const trainingProgress = graphql(
  `
    subscription TrainingProgress($functionId: ID!) {
      trainingProgress(functionId: $functionId) {
        ...RunFields
      }
    }
  `,
  [runFields],
);

const startTrainingDocument = graphql(`
  mutation StartTraining($functionId: ID!) {
    startTraining(input: { functionId: $functionId }) {
      trainingRun {
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

export type TrainingRun = ResultOf<typeof runFields>;

export async function startTraining(functionId: string): Promise<void> {
  checked((await mutate(startTrainingDocument, { functionId })).startTraining);
}

/** Follow the newest training run of a function. */
export function watchTraining(
  functionId: string,
  sink: { next: (run: TrainingRun | null) => void; fail: (failure: Failure) => void },
): () => void {
  return subscribe(
    trainingProgress,
    { functionId },
    { next: (data) => sink.next(data.trainingProgress), fail: (failure) => sink.fail(failure) },
  );
}
