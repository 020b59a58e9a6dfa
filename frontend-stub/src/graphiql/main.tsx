import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./graphiql.css";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createClient } from "graphql-ws";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { examples } from "./examples";

const url = new URL("/graphql", window.location.href);
const socketUrl = new URL(url);
socketUrl.protocol = url.protocol === "https:" ? "wss:" : "ws:";

const fetcher = createGraphiQLFetcher({
  url: url.href,
  wsClient: createClient({ url: socketUrl.href, lazy: true }),
});

const root = document.getElementById("graphiql");
if (root === null) throw new Error("graphiql.html has no #graphiql element.");
createRoot(root).render(
  <StrictMode>
    <GraphiQL fetcher={fetcher} defaultTabs={examples} shouldPersistHeaders>
      <GraphiQL.Logo>
        <a href="/" className="pigeonhole-logo">
          Pigeonhole
        </a>
      </GraphiQL.Logo>
    </GraphiQL>
  </StrictMode>,
);
