// Apollo Client, with apollo-upload-client as its link over HTTP.
import { ApolloClient, ApolloLink, gql, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import UploadHttpLink from "apollo-upload-client/UploadHttpLink.mjs";
import { headers, openSocket, reader, url } from "./product.mjs";
import { keepsItsPromises } from "./promises.mjs";

const open = (link) => new ApolloClient({ link, cache: new InMemoryCache() });
const client = open(new UploadHttpLink({ uri: url, headers }));

const change = async (document, variables) =>
  (await client.mutate({ mutation: gql(document), variables })).data;

keepsItsPromises("Apollo Client", {
  ask: async (document, variables) =>
    (await client.query({ query: gql(document), variables })).data,
  change,
  upload: change,
  follow(line, document, variables) {
    const observable = open(new GraphQLWsLink(openSocket(line))).subscribe({
      query: gql(document),
      variables,
    });
    return reader(({ next, error }) => {
      const subscription = observable.subscribe({ next: ({ data }) => next(data), error });
      return () => subscription.unsubscribe();
    });
  },
});
