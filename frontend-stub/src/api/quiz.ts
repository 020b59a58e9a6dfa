import { mutate, query } from "./client";
import { checked } from "./failure";
import { type VariablesOf, graphql } from "./graphql";
import { type Sample, sampleFields } from "./samples";

const quizDocument = graphql(
  `
    query Quiz($functionId: ID!, $first: Int!) {
      function(id: $functionId) {
        quizSamples(first: $first) {
          ...SampleFields
        }
      }
    }
  `,
  [sampleFields],
);

const gradeDocument = graphql(`
  mutation Grade($grades: [GradeInput!]!) {
    gradeAnswers(input: { grades: $grades }) {
      errors {
        code
        message
        path
      }
    }
  }
`);

/** Random photos without annotations and verdicts. */
export async function fetchQuiz(functionId: string, first: number): Promise<Sample[]> {
  return (await query(quizDocument, { functionId, first })).function?.quizSamples ?? [];
}

export type Grade = VariablesOf<typeof gradeDocument>["grades"][number];

/** Send verdicts on predictions; the right label becomes the annotation. */
export async function gradeAnswers(grades: Grade[]): Promise<void> {
  checked((await mutate(gradeDocument, { grades }, { outlive: true })).gradeAnswers);
}
