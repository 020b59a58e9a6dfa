import type { introspection } from "./schema";

export type ErrorCode = introspection["types"]["ErrorCode"]["enumValues"];

/** An error in a payload, which the caller can correct. */
export interface UserError {
  code: ErrorCode;
  message: string;
  path: string[];
}

export type FailureKind = "unreachable" | "logged-out" | "refused" | "invalid";

/**
 * A failed request, with a message for the person at the screen.
 *
 * `unreachable`: there was no response, or a service such as the database does not answer, so the
 * same request may work later. `logged-out`: it will work after a new login. `refused`: the server
 * responded with another error. `invalid`: the input breaks rules; `userErrors` lists them.
 */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly userErrors: UserError[];
  /** Code of a top-level error of the API; null for user errors and without a response. */
  readonly code: ErrorCode | null;
  /** The seconds after which the server asks to try again; null if it does not say. */
  readonly retryAfterS: number | null;

  constructor(
    kind: FailureKind,
    message: string,
    userErrors: UserError[] = [],
    code: ErrorCode | null = null,
    retryAfterS: number | null = null,
  ) {
    super(message);
    this.name = "Failure";
    this.kind = kind;
    this.userErrors = userErrors;
    this.code = code;
    this.retryAfterS = retryAfterS;
  }

  /** The first message about an argument, such as `name`. */
  about(field: string): string | undefined {
    return this.userErrors.find((error) => error.path.includes(field))?.message;
  }
}

export const UNREACHABLE = "The server does not answer. Check that it is running, then try again.";

/** Whether the same request can work later without a change. */
export function canWorkLater(error: unknown): boolean {
  return error instanceof Failure && (error.kind === "unreachable" || error.kind === "logged-out");
}

const PASSING: readonly ErrorCode[] = [
  "OVERLOADED",
  "RATE_LIMITED",
  "UNAVAILABLE",
  "INSUFFICIENT_STORAGE",
  "LIMIT_REACHED",
];

/** Whether an error depends on the server's state, so that the same entry can work later. */
export function passes(code: ErrorCode): boolean {
  return PASSING.includes(code);
}

/** A thrown value as a sentence; a sentence stays as it is. */
export function describe(error: unknown): string {
  if (error instanceof Failure) return error.message;
  if (typeof error === "string") return error;
  return "Something went wrong on this page. Reload it and try again.";
}

interface Answer {
  networkError?: Error | undefined;
  graphQLErrors: readonly { message: string; extensions?: Record<string, unknown> | undefined }[];
  status?: number | undefined;
  /** The response's header `Retry-After`. */
  retryAfter?: string | null | undefined;
}

/** The failure behind a response without usable data. */
export function failureOf(answer: Answer): Failure {
  const { networkError, graphQLErrors, status } = answer;
  const first = graphQLErrors[0];
  if (graphQLErrors.some(({ extensions }) => hasCode("UNAUTHENTICATED", extensions)))
    return new Failure("logged-out", "You are logged out. Log in to go on.");
  const away = graphQLErrors.find(({ extensions }) => hasCode("UNAVAILABLE", extensions));
  if (away !== undefined) return new Failure("unreachable", away.message);
  if (first !== undefined)
    return new Failure(
      "refused",
      withAdvice(first.message, first.extensions),
      [],
      codeOf(first),
      retryAfterOf(first.extensions?.["retryAfter"] ?? answer.retryAfter),
    );
  if (status === 413) {
    return new Failure("refused", "That is more than the server takes at once. Send less.");
  }
  if (status === 429) {
    return new Failure(
      "refused",
      "The server asks for a pause. Wait a minute, then try again.",
      [],
      "RATE_LIMITED",
      retryAfterOf(answer.retryAfter),
    );
  }
  if (networkError !== undefined && (status === undefined || status === 0 || status >= 500)) {
    return new Failure("unreachable", UNREACHABLE);
  }
  return new Failure(
    "refused",
    `The server refused the request (HTTP ${status ?? 0}). Reload the page and try again.`,
  );
}

function withAdvice(message: string, extensions: Record<string, unknown> | undefined): string {
  return hasCode("INTERNAL", extensions)
    ? `${message} Try again; if it stays, look at the server's log.`
    : message;
}

/** Whether an error passes by itself within seconds. */
export function asksForPause({ extensions }: { extensions?: Record<string, unknown> }): boolean {
  return hasCode("RATE_LIMITED", extensions) || hasCode("OVERLOADED", extensions);
}

function codeOf({ extensions }: { extensions?: Record<string, unknown> | undefined }) {
  return (extensions?.["code"] ?? null) as ErrorCode | null;
}

/** Seconds to wait; null for a date and for anything else. */
function retryAfterOf(given: unknown): number | null {
  const seconds = typeof given === "string" && given !== "" ? Number(given) : Number.NaN;
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}

function hasCode(code: ErrorCode, extensions: Record<string, unknown> | undefined): boolean {
  return extensions?.["code"] === code;
}

/** Throw a `Failure` if a payload has `errors`; otherwise return the payload. */
export function checked<Payload extends { errors: UserError[] }>(payload: Payload): Payload {
  if (payload.errors.length > 0) {
    throw new Failure(
      "invalid",
      payload.errors.map((error) => error.message).join(" "),
      payload.errors,
    );
  }
  return payload;
}

/** What a mutation without errors returns; `what` names it, such as `a secret`. */
export function given<T>(value: T | null, mutation: string, what: string): T {
  if (value === null) throw new Error(`${mutation} answered neither ${what} nor an error.`);
  return value;
}
