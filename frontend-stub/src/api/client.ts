import {
  type AnyVariables,
  Client,
  type OperationResult,
  type TypedDocumentNode,
  fetchExchange,
} from "@urql/core";
import { Failure, UNREACHABLE, failureOf } from "./failure";
import { logInAgain } from "./session";

/** Where the API is: the host that served this page. */
export const endpoint = new URL("/graphql", window.location.href).href;

/** How long to wait for an answer; pictures on a slow line take longer than words. */
const ANSWER_MS = 30_000;
const UPLOAD_MS = 300_000;

const headers = { "Apollo-Require-Preflight": "true" };

// Nothing is cached here: what changes arrives by subscription, and lists keep their own rows.
const client = new Client({
  url: endpoint,
  exchanges: [fetchExchange],
  preferGetMethod: false,
  requestPolicy: "network-only",
  fetchOptions: { headers },
  fetch: fetchInTime,
});

/** Fetch, and give up where no answer comes: a wait without an end helps nobody. */
async function fetchInTime(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const late = new AbortController();
  const wait = init.body instanceof FormData ? UPLOAD_MS : ANSWER_MS;
  const timer = setTimeout(() => late.abort(new Error("No answer in time")), wait);
  try {
    const signal = init.signal ? AbortSignal.any([init.signal, late.signal]) : late.signal;
    return await fetch(input, { ...init, signal });
  } finally {
    clearTimeout(timer);
  }
}

/** Ask; throws a `Failure` where there is no data. */
export async function query<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  return dataOf(await client.query(document, variables).toPromise());
}

/**
 * Change; throws a `Failure` where there is no data. Files in `variables` go as multipart.
 *
 * With `outlive` the request is sent even when the page is closed at this moment.
 */
export async function mutate<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  { outlive = false } = {},
): Promise<Data> {
  const fetchOptions = { headers, keepalive: outlive };
  return dataOf(await client.mutation(document, variables, { fetchOptions }).toPromise());
}

function dataOf<Data>(result: OperationResult<Data>): Data {
  const { data, error } = result;
  if (error !== undefined) {
    const response = error.response as Response | undefined;
    const { networkError, graphQLErrors } = error;
    if (graphQLErrors.some(({ extensions }) => extensions["code"] === "UNAUTHENTICATED"))
      logInAgain();
    throw failureOf({ networkError, graphQLErrors, status: response?.status });
  }
  if (data === undefined) throw new Failure("unreachable", UNREACHABLE);
  return data;
}
