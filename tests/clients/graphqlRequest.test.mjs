// graphql-request has neither uploads nor subscriptions: a form is sent by fetch.
import { GraphQLClient } from "graphql-request";
import { form, headers, url } from "./product.mjs";
import { keepsItsPromises } from "./promises.mjs";

const client = new GraphQLClient(url, { headers });
const ask = (document, variables) => client.request(document, variables);

keepsItsPromises("graphql-request", {
  ask,
  change: ask,
  async upload(document, variables) {
    const file = variables.input.samples[0].image.upload;
    const body = form(document, variables, [["variables.input.samples.0.image.upload", file]]);
    const response = await fetch(url, { method: "POST", headers, body });
    return (await response.json()).data;
  },
});
