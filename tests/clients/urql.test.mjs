// urql sends files by itself where variables have some.
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { headers, openSocket, reader, url } from "./product.mjs";
import { keepsItsPromises } from "./promises.mjs";

const open = (...exchanges) => new Client({ url, exchanges, fetchOptions: { headers } });
const client = open(fetchExchange);

async function dataOf(request) {
  const { data, error } = await request;
  if (error) throw error;
  return data;
}

const change = (document, variables) => dataOf(client.mutation(document, variables));

keepsItsPromises("urql", {
  ask: (document, variables) => dataOf(client.query(document, variables)),
  change,
  upload: change,
  follow(line, document, variables) {
    const socket = openSocket(line);
    const subscribing = subscriptionExchange({
      forwardSubscription: (request) => ({
        subscribe: (sink) => ({
          unsubscribe: socket.subscribe({ ...request, query: request.query ?? "" }, sink),
        }),
      }),
    });
    return reader(({ next, error }) => {
      const { unsubscribe } = open(subscribing)
        .subscription(document, variables)
        .subscribe((result) => (result.error ? error(result.error) : next(result.data)));
      return unsubscribe;
    });
  },
});
