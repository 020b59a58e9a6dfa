import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./graphiql.css";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createClient } from "graphql-ws";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { endpoint, socketEndpoint } from "../api/addresses";
import { examplesFor } from "./examples";

const fetcher = createGraphiQLFetcher({
  url: endpoint,
  wsClient: createClient({ url: socketEndpoint, lazy: true }),
});

/** The ID of the oldest function; empty if there is none or the caller may not see it. */
async function anyFunction(): Promise<string> {
  try {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ query: "{ functions(first: 1) { nodes { id } } }" }),
    });
    const answer = (await response.json()) as {
      data?: { functions: { nodes: { id: string }[] } } | null;
    };
    return answer.data?.functions.nodes[0]?.id ?? "";
  } catch {
    return "";
  }
}

const functionId = await anyFunction();
const root = document.getElementById("graphiql");
if (root === null) throw new Error("graphiql.html has no #graphiql element.");
createRoot(root).render(
  <StrictMode>
    <GraphiQL fetcher={fetcher} defaultTabs={examplesFor(functionId)} shouldPersistHeaders>
      <GraphiQL.Logo>
        <a href="./" className="pigeonhole-logo">
          Pigeonhole
        </a>
      </GraphiQL.Logo>
    </GraphiQL>
  </StrictMode>,
);
