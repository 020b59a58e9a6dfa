// Relay: its compiler checks documents against schema.graphql, its store holds the responses.
import { deepEqual, equal } from "node:assert/strict";
import test from "node:test";
import relay from "relay-runtime";
import { form, headers, openSocket, reader, url } from "./product.mjs";
import { keepsItsPromises } from "./promises.mjs";
import add from "./relay/__generated__/documentsAddMutation.graphql.js";
import changed from "./relay/__generated__/documentsChangedSubscription.graphql.js";
import create from "./relay/__generated__/documentsCreateMutation.graphql.js";
import remove from "./relay/__generated__/documentsDeleteMutation.graphql.js";
import functions from "./relay/__generated__/documentsFunctions.graphql.js";
import functionsQuery from "./relay/__generated__/documentsFunctionsQuery.graphql.js";
import moreQuery from "./relay/__generated__/documentsMoreQuery.graphql.js";
import nodeQuery from "./relay/__generated__/documentsNodeQuery.graphql.js";
import rename from "./relay/__generated__/documentsRenameMutation.graphql.js";
import viewer from "./relay/__generated__/documentsViewerQuery.graphql.js";

const { Environment, Network, Observable, RecordSource, Store } = relay;

async function send({ text }, variables, _cache, uploadables) {
  const request = uploadables
    ? { headers, body: form(text, variables, Object.entries(uploadables)) }
    : {
        headers: { ...headers, "Content-Type": "application/json" },
        body: JSON.stringify({ query: text, variables }),
      };
  return (await fetch(url, { method: "POST", ...request })).json();
}

function open(socket) {
  const listen = ({ text, name }, variables) =>
    Observable.create((sink) =>
      socket.subscribe({ query: text, operationName: name, variables }, sink),
    );
  return new Environment({
    network: Network.create(send, listen),
    store: new Store(new RecordSource()),
  });
}

const environment = open();

const ask = (query, variables) => relay.fetchQuery(environment, query, variables).toPromise();

const change = (mutation, variables, uploadables) =>
  new Promise((resolve, reject) => {
    relay.commitMutation(environment, {
      mutation,
      variables: { connections: [], ...variables },
      uploadables,
      onCompleted: resolve,
      onError: reject,
    });
  });

keepsItsPromises(
  "Relay",
  {
    ask,
    change,
    upload(mutation, { input }) {
      const file = input.samples[0].image.upload;
      return change(mutation, { input }, { "variables.input.samples.0.image.upload": file });
    },
    follow(line, subscription, variables) {
      const following = open(openSocket(line));
      return reader(({ next, error }) => {
        const { dispose } = relay.requestSubscription(following, {
          subscription,
          variables,
          onNext: next,
          onError: error,
        });
        return dispose;
      });
    },
  },
  { viewer, create, rename, add, changed },
);

test("Relay refetches an object by its ID", async () => {
  const made = await change(create, { input: { name: "Relay refetches" } });
  const { id, name } = made.createFunction.function;

  const found = await ask(nodeQuery, { id });
  const none = await ask(nodeQuery, { id: `fn_${"0".repeat(32)}` });

  deepEqual(found, { node: { __typename: "Function", id, name } });
  deepEqual(none, { node: null });
});

test("Relay joins pages, and its store follows what a mutation adds and deletes", async () => {
  const variables = { nameContains: "page of Relay" };
  for (const ordinal of ["first", "second", "third"]) {
    await change(create, { input: { name: `${ordinal} page of Relay` } });
  }
  const operation = relay.createOperationDescriptor(functionsQuery, variables);
  const shown = () => {
    const { data } = environment.lookup(operation.fragment);
    const page = environment.lookup(relay.getSingularSelector(functions, data)).data.functions;
    return { ...page, names: page.edges.map(({ node }) => node.name.split(" ")[0]) };
  };

  environment.retain(operation);
  await ask(functionsQuery, variables);
  const first = shown();
  await ask(moreQuery, { ...variables, after: first.pageInfo.endCursor });
  const both = shown();
  const connections = [both.__id];
  const made = await change(create, { input: { name: "fourth page of Relay" }, connections });
  const added = shown();
  const { id } = made.createFunction.function;
  await change(remove, { input: { id }, connections });
  const removed = shown();

  deepEqual(first.names, ["first", "second"]);
  equal(first.pageInfo.hasNextPage, true);
  deepEqual(both.names, ["first", "second", "third"]);
  equal(both.pageInfo.hasNextPage, false);
  deepEqual(added.names, ["first", "second", "third", "fourth"]);
  deepEqual(removed.names, ["first", "second", "third"]);
});
