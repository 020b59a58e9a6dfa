import { type TypedDocumentNode } from "@urql/core";
import { print } from "@0no-co/graphql.web";
import { type FormattedExecutionResult, createClient } from "graphql-ws";
import { socketEndpoint } from "./addresses";
import { failureOf, type Failure } from "./failure";
import { session } from "./session";

export type ConnectionState = "connecting" | "open" | "lost";

const LONGEST_WAIT_MS = 5_000;
const PING_EVERY_MS = 10_000;
const UNAUTHORIZED = 4401;
const FORBIDDEN = 4403;

let state: ConnectionState = "connecting";
const watchers = new Set<() => void>();

function become(next: ConnectionState): void {
  if (next === state) return;
  state = next;
  for (const watcher of watchers) watcher();
}

/** For `useSyncExternalStore`: whether live changes arrive. */
export const connection = {
  get: (): ConnectionState => state,
  watch: (watcher: () => void): (() => void) => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  },
};

let socket: WebSocket | undefined;
let pongDue: ReturnType<typeof setTimeout> | undefined;

const client = createClient({
  url: socketEndpoint,
  retryAttempts: Number.POSITIVE_INFINITY,
  shouldRetry: () => true,
  // A restarting server is back within seconds: try often at first, and at least every few seconds.
  retryWait: (retries) =>
    pause(Math.min(LONGEST_WAIT_MS, 250 * 2 ** retries) + Math.random() * 250),
  keepAlive: PING_EVERY_MS,
  on: {
    opened: (opened) => (socket = opened as WebSocket),
    connected: () => {
      session.is("open");
      become("open");
    },
    closed: (event) => {
      const { code } = event as CloseEvent;
      if (code === UNAUTHORIZED || code === FORBIDDEN) session.is("over");
      become(code === 1000 ? "connecting" : "lost");
    },
    // An unanswered ping means that the connection is dead and the browser has not noticed it.
    ping: (received) => {
      if (received) return;
      pongDue = setTimeout(() => socket?.close(4408, "No answer to a ping"), PING_EVERY_MS / 2);
    },
    pong: (received) => {
      if (received) clearTimeout(pongDue);
    },
  },
});

/** Wait, but at most until the network is back. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      window.removeEventListener("online", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    window.addEventListener("online", finish);
  });
}

/**
 * Receive the newest state of something, now and after each change; returns a function that stops
 * it.
 *
 * A lost connection is restored without notice to the caller: the first message afterwards is the
 * state at that time.
 */
export function subscribe<Data, Variables extends Record<string, unknown>>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  sink: { next: (data: Data) => void; fail: (failure: Failure) => void },
): () => void {
  return client.subscribe<Data>(
    { query: print(document), variables },
    {
      next: (result: FormattedExecutionResult<Data>) => {
        if (result.data !== undefined && result.data !== null) sink.next(result.data);
        else sink.fail(failureOf({ graphQLErrors: result.errors ?? [] }));
      },
      error: (error) =>
        sink.fail(
          failureOf({ graphQLErrors: Array.isArray(error) ? (error as Error[]).map(plain) : [] }),
        ),
      complete: () => undefined,
    },
  );
}

function plain(error: Error): { message: string; extensions?: Record<string, unknown> } {
  const { message, extensions } = error as Error & { extensions?: Record<string, unknown> };
  return { message, ...(extensions && { extensions }) };
}
