import react from "@vitejs/plugin-react";
import { fontsAsFiles } from "./fontsAsFiles.ts";
import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds the API: a running `pigeonhole up`. */
const api = process.env["PIGEONHOLE_URL"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  base: "./", // so that the page works below any path
  plugins: [react(), fontsAsFiles()],
  build: {
    target: "es2023",
    // GraphiQL's editor is one large chunk, loaded on its own page only.
    chunkSizeWarningLimit: 4000,
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { page: "index.html", graphiql: "graphiql.html" },
      checks: { moduleLevelDirective: false },
    },
  },
  worker: { format: "es" },
  server: {
    proxy: {
      // A session counts for the server's own origin alone.
      "/graphql": {
        target: api,
        ws: true,
        changeOrigin: true,
        rewriteWsOrigin: true,
        headers: { origin: new URL(api).origin },
      },
      "/pictures": { target: api, changeOrigin: true },
    },
  },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
});
