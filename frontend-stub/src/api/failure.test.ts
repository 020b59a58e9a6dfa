import { expect, test } from "vitest";
import { failureOf, passes } from "./failure";

test("a bug of the server comes with advice, and other errors keep their message", () => {
  const bug = { message: "Something went wrong: ab12.", extensions: { code: "INTERNAL" } };
  const other = { message: "Invalid cursor.", extensions: { code: "BAD_USER_INPUT" } };

  expect(failureOf({ graphQLErrors: [bug] }).message).toBe(
    "Something went wrong: ab12. Try again; if it stays, look at the server's log.",
  );
  expect(failureOf({ graphQLErrors: [other] }).message).toBe("Invalid cursor.");
});

test("a picture refused for lack of space may work later, and a file that is no picture never does", () => {
  expect(passes("OVERLOADED")).toBe(true);
  expect(passes("INSUFFICIENT_STORAGE")).toBe(true);
  expect(passes("UNREADABLE_IMAGE")).toBe(false);
  expect(passes("IMAGE_TOO_LARGE")).toBe(false);
});

test("a request may be repeated when a service of the server is away, with the server's message", () => {
  const message = "The database is unavailable. Try again soon.";
  const failure = failureOf({
    graphQLErrors: [{ message, extensions: { code: "UNAVAILABLE" } }],
    status: 503,
  });

  expect(failure).toMatchObject({ kind: "unreachable", message });
});

test("what the server refuses keeps its code", () => {
  const limit = { message: "Too many.", extensions: { code: "LIMIT_REACHED" } };

  expect(failureOf({ graphQLErrors: [limit] })).toMatchObject({
    kind: "refused",
    code: "LIMIT_REACHED",
  });
  expect(failureOf({ graphQLErrors: [{ message: "?" }] }).code).toBeNull();
});
