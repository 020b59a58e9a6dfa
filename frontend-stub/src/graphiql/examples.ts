interface Example {
  query: string;
  variables?: string;
}

/** The operations in GraphiQL's initial tabs; those that need a function use this one. */
export const examplesFor = (functionId: string): Example[] => [
  {
    query: `# Every function with its state, and how right it is on samples held out of training.
query Functions {
  functions(first: 25) {
    totalCount
    nodes {
      id
      name
      state
      sampleCounts { total annotated }
      model { version metrics { accuracy { value lower upper } } }
    }
  }
}
`,
  },
  {
    query: `# A new function with its labels. What the caller can put right comes back in \`errors\`.
mutation CreateFunction($input: CreateFunctionInput!) {
  createFunction(input: $input) {
    function { id name readiness { trainable missing } }
    errors { code message path }
  }
}
`,
    variables: JSON.stringify({ input: { name: "Weather", labels: ["Sun", "Rain"] } }, null, 2),
  },
  {
    query: `# Ask a function about one picture: the ID stands under "Use it" on its page.
mutation Invoke($functionId: ID!, $picture: String!) {
  invoke(input: { functionId: $functionId, image: { dataUri: $picture }, topK: 3 }) {
    invocation {
      prediction {
        label { name }
        confidence
        ranking(first: 3) { label { name } confidence }
      }
    }
    errors { code message }
  }
}
`,
    variables: JSON.stringify(
      {
        functionId,
        picture:
          "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
      },
      null,
      2,
    ),
  },
  {
    query: `# Answers at once and again on every change: annotate a sample and watch.
subscription Watch($id: ID!) {
  functionChanged(id: $id) {
    name
    state
    sampleCounts { annotated unannotated }
    model { version metrics { accuracy { value lower upper } } }
  }
}
`,
    variables: JSON.stringify({ id: functionId }, null, 2),
  },
];
