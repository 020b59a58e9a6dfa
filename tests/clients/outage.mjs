// Subscriptions of clients with their default settings while the server's database is away. Each line
// on standard input is a step; events are written to standard output as JSON.
import { createInterface } from "node:readline";
import { ApolloClient, gql, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { Client, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { headers, url } from "./product.mjs";

const query = "subscription Changed($id: ID!) { functionChanged(id: $id) { id name } }";
const variables = { id: process.env.FUNCTION };

function tell(name, said) {
  process.stdout.write(`${JSON.stringify({ name, ...said })}\n`);
}

function openSocket(name) {
  const socket = createClient({
    url: url.replace("http", "ws"),
    connectionParams: headers,
    webSocketImpl: WebSocket,
    lazy: true,
  });
  socket.on("closed", ({ code, reason }) => tell(name, { closed: code, reason }));
  return socket;
}

function heard(name) {
  return {
    next: ({ data, errors }) =>
      tell(name, errors ? { errors } : { heard: data.functionChanged.name }),
    error: (error) => tell(name, { error: String(error.message ?? error.reason ?? error) }),
    complete: () => tell(name, { error: "complete" }),
  };
}

const clients = {
  "graphql-ws"(name) {
    openSocket(name).subscribe({ query, variables }, heard(name));
  },
  "Apollo Client"(name) {
    const link = new GraphQLWsLink(openSocket(name));
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    client.subscribe({ query: gql(query), variables }).subscribe({
      ...heard(name),
      next: ({ data, error }) =>
        tell(name, error ? { error: error.message } : { heard: data.functionChanged.name }),
    });
  },
  urql(name) {
    const socket = openSocket(name);
    const forwardSubscription = (request) => ({
      subscribe: (sink) => ({ unsubscribe: socket.subscribe(request, sink) }),
    });
    const client = new Client({ url, exchanges: [subscriptionExchange({ forwardSubscription })] });
    client
      .subscription(query, variables)
      .subscribe(({ data, error }) =>
        tell(name, error ? { error: error.message } : { heard: data.functionChanged.name }),
      );
  },
};

const openAll = (when) =>
  Object.entries(clients).forEach(([name, open]) => open(`${name}, ${when}`));

openAll("opened before");
createInterface({ input: process.stdin })
  .on("line", openAll)
  .on("close", () => process.exit(0));
