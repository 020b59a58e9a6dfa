/** What a payload says that the caller can put right. */
export interface UserError {
  code: string;
  message: string;
  path: string[];
}

export type FailureKind = "unreachable" | "refused" | "invalid";

/**
 * A request that did not do what was asked, in words for the person at the screen.
 *
 * `unreachable`: no answer came, so the same request may work later. `refused`: the server
 * answered with an error of its own. `invalid`: the input breaks a rule; `userErrors` has each.
 */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly userErrors: UserError[];

  constructor(kind: FailureKind, message: string, userErrors: UserError[] = []) {
    super(message);
    this.name = "Failure";
    this.kind = kind;
    this.userErrors = userErrors;
  }

  /** The first message about an argument, such as `name`. */
  about(field: string): string | undefined {
    return this.userErrors.find((error) => error.path.includes(field))?.message;
  }
}

export const UNREACHABLE = "The server does not answer. Check that it is running, then try again.";

/** Any thrown value, or a sentence itself, as a sentence. */
export function describe(error: unknown): string {
  if (error instanceof Failure) return error.message;
  if (typeof error === "string") return error;
  return "Something went wrong on this page. Reload it and try again.";
}

interface Answer {
  networkError?: Error | undefined;
  graphQLErrors: readonly { message: string; extensions?: Record<string, unknown> | undefined }[];
  status?: number | undefined;
}

/** The failure behind an answer without usable data. */
export function failureOf({ networkError, graphQLErrors, status }: Answer): Failure {
  const first = graphQLErrors[0];
  if (first !== undefined)
    return new Failure("refused", withAdvice(first.message, first.extensions));
  if (status === 413) {
    return new Failure("refused", "That is more than the server takes at once. Send less.");
  }
  if (status === 429) {
    return new Failure("refused", "The server asks for a pause. Wait a minute, then try again.");
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
  return extensions?.["code"] === "INTERNAL_SERVER_ERROR"
    ? `${message} Try again; if it stays, look at the server's log.`
    : message;
}

/** Throw what a payload's `errors` say; return the payload when there are none. */
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
