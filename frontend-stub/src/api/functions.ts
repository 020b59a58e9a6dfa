import { mutate, query } from "./client";
import { subscribe } from "./connection";
import { type Failure, checked, given } from "./failure";
import { type ResultOf, type VariablesOf, graphql } from "./graphql";
import { accuracyFields, labelBarFields } from "../screens/accuracyFields";
import { decisionFields } from "../screens/invoke/decisionFields";
import { quizFields } from "../screens/review/quizFields";
import { searchFields } from "../screens/samples/searchFields";
import { encoderFields } from "../screens/settings/encoderFields";
import { labelSettingsFields, settingsFields } from "../screens/settings/settingsFields";
import { trainingFields } from "../screens/trainingFields";
import { keysFields } from "../screens/use/keysFields";

/** The fields of a label that every screen may read. */
const commonLabelFields = graphql(`
  fragment CommonLabelFields on Label @_unmask {
    id
    name
    sampleCount
  }
`);

/** The fields of a function that every screen may read. */
const commonFields = graphql(`
  fragment CommonFields on Function @_unmask {
    id
    name
    state
    readiness {
      trainable
      missing
    }
    sampleCounts {
      total
      annotated
      unannotated
      embedded
    }
    nearDuplicatesComplete
    model {
      id
      version
    }
  }
`);

const screensLabelFields = [labelBarFields, labelSettingsFields] as const;
const screensFields = [
  accuracyFields,
  decisionFields,
  encoderFields,
  keysFields,
  quizFields,
  searchFields,
  settingsFields,
  trainingFields,
] as const;

const labelFields = graphql(
  `
    fragment LabelFields on Label @_unmask {
      ...CommonLabelFields
      ...LabelBarFields
      ...LabelSettingsFields
    }
  `,
  [commonLabelFields, ...screensLabelFields],
);

const functionFields = graphql(
  `
    fragment FunctionFields on Function @_unmask {
      ...CommonFields
      labels(first: 100) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          ...LabelFields
        }
      }
      ...AccuracyFields
      ...DecisionFields
      ...EncoderFields
      ...KeysFields
      ...QuizFields
      ...SearchFields
      ...SettingsFields
      ...TrainingFields
    }
  `,
  [commonFields, labelFields, ...screensFields],
);

const functionChanged = graphql(
  `
    subscription FunctionChanged($id: ID!) {
      functionChanged(id: $id) {
        ...FunctionFields
      }
    }
  `,
  [functionFields],
);

const moreLabels = graphql(
  `
    query MoreLabels($id: ID!, $after: String) {
      function(id: $id) {
        labels(first: 100, after: $after) {
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            ...LabelFields
          }
        }
      }
    }
  `,
  [labelFields],
);

const createFunctionDocument = graphql(`
  mutation CreateFunction($input: CreateFunctionInput!) {
    createFunction(input: $input) {
      function {
        id
        name
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

const updateFunctionDocument = graphql(`
  mutation UpdateFunction($input: UpdateFunctionInput!) {
    updateFunction(input: $input) {
      function {
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

const deleteFunctionDocument = graphql(`
  mutation DeleteFunction($id: ID!) {
    deleteFunction(input: { id: $id }) {
      deletedFunctionId
      errors {
        code
        message
        path
      }
    }
  }
`);

export type Label = ResultOf<typeof labelFields>;
export type CreateFunctionInput = VariablesOf<typeof createFunctionDocument>["input"];
export type UpdateFunctionInput = VariablesOf<typeof updateFunctionDocument>["input"];

type Changed = ResultOf<typeof functionChanged>["functionChanged"];

interface AllLabels<OfLabel> {
  labels: OfLabel[];
  /** The labels, without fields that change during annotation. */
  names: { id: string; name: string }[];
  /** The labels of which the active model has seen photos; it knows others by name at most. */
  taughtIds: string[];
}

/** A function with everything that its screens need, and all of its labels. */
export type LiveFunction = Omit<Changed, "labels"> & AllLabels<Label>;

/** Fragments of components on a function and on a label, with which a live function is fetched. */
export type FunctionFragment = (typeof screensFields)[number];
export type LabelFragment = (typeof screensLabelFields)[number];

type ResultOfAll<Fragments> = Fragments extends readonly [infer First, ...infer Rest]
  ? ResultOf<First> & ResultOfAll<Rest>
  : unknown;

/** A label as a component reads it: the common fields, and those of its own fragments. */
export type LabelWith<OfLabel> = ResultOf<typeof commonLabelFields> & ResultOfAll<OfLabel>;

/** A function as a component reads it: the common fields, and those of its own fragments. */
export type FunctionWith<OfFunction, OfLabel> = ResultOf<typeof commonFields> &
  ResultOfAll<OfFunction> &
  AllLabels<LabelWith<OfLabel>>;

export async function createFunction(input: CreateFunctionInput): Promise<string> {
  const { createFunction: payload } = await mutate(createFunctionDocument, { input });
  return given(checked(payload).function, "createFunction", "a function").id;
}

export type Capture = LiveFunction["capture"];

export async function updateFunction(input: UpdateFunctionInput): Promise<void> {
  checked((await mutate(updateFunctionDocument, { input })).updateFunction);
}

export async function deleteFunction(id: string): Promise<void> {
  checked((await mutate(deleteFunctionDocument, { id })).deleteFunction);
}

/** Follow a function; `next` receives all of it, now and after each change. */
export function watchFunction(
  id: string,
  sink: { next: (fn: LiveFunction) => void; fail: (failure: Failure) => void },
): () => void {
  let newest = 0;
  return subscribe(
    functionChanged,
    { id },
    {
      next: ({ functionChanged: changed }) => {
        const turn = ++newest;
        void withAllLabels(changed).then(
          (fn) => {
            if (turn === newest) sink.next(fn);
          },
          (failure: unknown) => sink.fail(failure as Failure),
        );
      },
      fail: (failure) => sink.fail(failure),
    },
  );
}

async function withAllLabels({ labels, ...rest }: Changed): Promise<LiveFunction> {
  const all = [...labels.nodes];
  let { hasNextPage, endCursor } = labels.pageInfo;
  while (hasNextPage) {
    const page = await query(moreLabels, { id: rest.id, after: endCursor });
    if (page.function === null) break;
    all.push(...page.function.labels.nodes);
    ({ hasNextPage, endCursor } = page.function.labels.pageInfo);
  }
  const taught = all.filter(({ metrics }) => metrics !== null && metrics.support > 0);
  return {
    ...rest,
    labels: all,
    names: all.map(({ id, name }) => ({ id, name })),
    taughtIds: taught.map(({ id }) => id),
  };
}
