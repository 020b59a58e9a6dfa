// What Relay asks; its compiler makes of each a module in `__generated__`.
const { graphql } = require("relay-runtime");

graphql`
  query documentsViewerQuery {
    viewer {
      scopes
    }
  }
`;

graphql`
  query documentsNodeQuery($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Function {
        name
      }
    }
  }
`;

graphql`
  fragment documentsFunctions on Query
  @argumentDefinitions(
    first: { type: "Int", defaultValue: 2 }
    after: { type: "String" }
    nameContains: { type: "String!" }
  )
  @refetchable(queryName: "documentsMoreQuery") {
    functions(first: $first, after: $after, nameContains: $nameContains)
      @connection(key: "documents_functions") {
      __id
      edges {
        node {
          id
          name
        }
      }
    }
  }
`;

graphql`
  query documentsFunctionsQuery($nameContains: String!) {
    ...documentsFunctions @arguments(nameContains: $nameContains)
  }
`;

graphql`
  mutation documentsCreateMutation($input: CreateFunctionInput!, $connections: [ID!]!) {
    createFunction(input: $input) {
      function @appendNode(connections: $connections, edgeTypeName: "FunctionEdge") {
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
`;

graphql`
  mutation documentsRenameMutation($input: UpdateFunctionInput!) {
    updateFunction(input: $input) {
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
`;

graphql`
  mutation documentsDeleteMutation($input: DeleteFunctionInput!, $connections: [ID!]!) {
    deleteFunction(input: $input) {
      deletedFunctionId @deleteEdge(connections: $connections)
      errors {
        code
        message
        path
      }
    }
  }
`;

graphql`
  mutation documentsAddMutation($input: AddSamplesInput!) {
    addSamples(input: $input) {
      createdCount
      results {
        sample {
          image {
            sha256
          }
        }
        error {
          code
          message
          path
        }
      }
      errors {
        code
        message
        path
      }
    }
  }
`;

graphql`
  subscription documentsChangedSubscription($id: ID!) {
    functionChanged(id: $id) {
      id
      name
    }
  }
`;
