// The running product from pytest: its URL, its key, and a proxied connection that can be cut.
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { pipeline } from "node:stream";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

export const url = process.env.GRAPHQL_URL;
export const headers = { Authorization: `Bearer ${process.env.API_KEY}` };
export const picture = readFileSync(process.env.PICTURE);

/** A proxy to the product: a cut closes its connections, and it accepts none until it is mended. */
export async function openLine() {
  const { hostname, port, pathname } = new URL(url);
  const ends = new Set();
  let whole = true;
  const line = createServer((near) => {
    if (!whole) {
      near.destroy();
      return;
    }
    const far = connect(port, hostname);
    ends.add(near);
    pipeline(near, far, near, () => ends.delete(near));
  });
  await new Promise((listening) => line.listen(0, "127.0.0.1", listening));
  return {
    url: `ws://127.0.0.1:${line.address().port}${pathname}`,
    cut() {
      whole = false;
      for (const end of ends) end.destroy();
    },
    mend() {
      whole = true;
    },
    close() {
      this.cut();
      line.close();
    },
  };
}

/** The websocket that all these clients share, with its defaults except for when and how it retries. */
export function openSocket(line) {
  return createClient({
    url: line.url,
    connectionParams: headers,
    webSocketImpl: WebSocket,
    retryAttempts: 100,
    shouldRetry: () => true, // also if the server could not be reached
    retryWait: () => new Promise((again) => setTimeout(again, 50)),
  });
}

/** A reader of the results of a subscription, one by one. */
export function reader(subscribe) {
  let stop;
  const said = new ReadableStream({
    start(controller) {
      stop = subscribe({
        next: (value) => controller.enqueue(value),
        error: (error) => controller.error(error),
      });
    },
    cancel: () => stop(),
  });
  return said.getReader();
}

/** A request with files by the GraphQL multipart request specification. */
export function form(query, variables, files) {
  const body = new FormData();
  const withoutFiles = (_, value) => (value instanceof File ? null : value);
  body.append("operations", JSON.stringify({ query, variables }, withoutFiles));
  body.append("map", JSON.stringify(Object.fromEntries(files.map(([path], i) => [i, [path]]))));
  files.forEach(([, file], i) => body.append(i, file));
  return body;
}
