// The running product, as pytest gives it: where it is, how to get in, and a line that can be cut.
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { pipeline } from "node:stream";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

export const url = process.env.GRAPHQL_URL;
export const headers = { Authorization: `Bearer ${process.env.API_KEY}` };
export const picture = readFileSync(process.env.PICTURE);

/** A line to the product that loses its connections when it is cut, and takes none until it is mended. */
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

/** The websocket that all these clients share; only when and how soon it tries again are not its defaults. */
export function openSocket(line) {
  return createClient({
    url: line.url,
    connectionParams: headers,
    webSocketImpl: WebSocket,
    retryAttempts: 100,
    shouldRetry: () => true, // also where the server could not be reached
    retryWait: () => new Promise((again) => setTimeout(again, 50)),
  });
}

/** What a subscription says, to be read one by one. */
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

/** A request with files, as the GraphQL multipart request specification has it. */
export function form(query, variables, files) {
  const body = new FormData();
  const withoutFiles = (_, value) => (value instanceof File ? null : value);
  body.append("operations", JSON.stringify({ query, variables }, withoutFiles));
  body.append("map", JSON.stringify(Object.fromEntries(files.map(([path], i) => [i, [path]]))));
  files.forEach(([, file], i) => body.append(i, file));
  return body;
}
