// urql sends files by itself if variables contain some.
import { equal } from "node:assert/strict";
import test from "node:test";
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { headers, openLine, openSocket, reader, url } from "./product.mjs";
import { documents, keepsItsPromises } from "./promises.mjs";

const open = (...exchanges) => new Client({ url, exchanges, fetchOptions: { headers } });
const client = open(fetchExchange);

async function dataOf(request) {
  const { data, error } = await request;
  if (error) throw error;
  return data;
}

const change = (document, variables) => dataOf(client.mutation(document, variables));

/** Operations over a websocket; `sent` records what is sent over it. */
function overSocket(line, sent = []) {
  const socket = openSocket(line);
  return subscriptionExchange({
    forwardSubscription(request) {
      sent.push(request);
      const payload = { ...request, query: request.query ?? "" };
      return { subscribe: (sink) => ({ unsubscribe: socket.subscribe(payload, sink) }) };
    },
  });
}

function follow(client, document, variables) {
  return reader(({ next, error }) => {
    const { unsubscribe } = client
      .subscription(document, variables)
      .subscribe((result) => (result.error ? error(result.error) : next(result.data)));
    return unsubscribe;
  });
}

keepsItsPromises("urql", {
  ask: (document, variables) => dataOf(client.query(document, variables)),
  change,
  upload: change,
  follow: (line, document, variables) => follow(open(overSocket(line)), document, variables),
});

test("urql subscribes by a document's hash, and sends the text where it is not known", async (t) => {
  const made = await change(documents.create, { input: { name: "urql by hash" } });
  const { id } = made.createFunction.function;
  const line = await openLine();
  t.after(() => line.close());
  const sent = [];
  const hashing = persistedExchange({ enableForSubscriptions: true });
  const byHash = open(hashing, overSocket(line, sent));

  for (const time of ["first", "second"]) {
    const said = follow(byHash, documents.changed, { id });
    const { value } = await said.read();
    await said.cancel();
    equal(value.functionChanged.name, "urql by hash", time);
  }

  const texts = sent.map(({ query }) => Boolean(query));
  equal(String(texts), "false,true,false");
});
