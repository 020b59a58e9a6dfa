import {
  type AnyVariables,
  Client,
  type OperationResult,
  type TypedDocumentNode,
  fetchExchange,
} from "@urql/core";
import { endpoint } from "./addresses";
import { Failure, UNREACHABLE, asksForPause, failureOf } from "./failure";
import { backOff } from "../logic/backOff";
import { session } from "./session";

/** How long to wait for a response; pictures on a slow connection take longer than text. */
const ANSWER_MS = 30_000;
const UPLOAD_MS = 300_000;

/** How often to try again when the server asks for a pause. */
const ATTEMPTS = 4;

const headers = { "Apollo-Require-Preflight": "true" };

// Nothing is cached here: changes arrive by subscription, and lists keep their own rows.
const client = new Client({
  url: endpoint,
  exchanges: [fetchExchange],
  preferGetMethod: false,
  requestPolicy: "network-only",
  fetchOptions: { headers },
  fetch: fetchInTime,
});

/** Fetch with a timeout. */
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

/** `fetchInTime` that also ends with a signal; urql replaces a signal in the options. */
function cancelledBy(signal: AbortSignal): typeof fetch {
  return (input, init = {}) => {
    const both = init.signal ? AbortSignal.any([init.signal, signal]) : signal;
    return fetchInTime(input, { ...init, signal: both });
  };
}

/**
 * Run a query; throws a `Failure` if there is no data. Pauses if the server asks for it.
 *
 * An aborted `signal` cancels the request, which then fails.
 */
export async function query<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Data> {
  const context = signal && { fetch: cancelledBy(signal) };
  for (let attempt = 1; ; attempt++) {
    const result = await client.query(document, variables, context).toPromise();
    const pauses = result.error?.graphQLErrors.some(asksForPause) ?? false;
    if (!pauses || attempt === ATTEMPTS || signal?.aborted) return dataOf(result);
    await backOff(attempt + 1);
  }
}

/**
 * Run a mutation; throws a `Failure` if there is no data. Files in `variables` are sent as
 * multipart.
 *
 * With `outlive` the request is sent even if the page is being closed.
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
    const retryAfter = response?.headers.get("Retry-After");
    const status = response?.status;
    const failure = failureOf({ networkError, graphQLErrors, status, retryAfter });
    if (failure.kind === "logged-out") session.is("over");
    throw failure;
  }
  if (data === undefined) throw new Failure("unreachable", UNREACHABLE);
  session.is("open");
  return data;
}
