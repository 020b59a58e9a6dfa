import { expect, test } from "vitest";
import { failureOf, passes } from "./failure";

test("a bug of the server comes with advice, other errors say what they say", () => {
  const bug = { message: "Something went wrong: ab12.", extensions: { code: "INTERNAL" } };
  const other = { message: "Invalid cursor.", extensions: { code: "BAD_USER_INPUT" } };

  expect(failureOf({ graphQLErrors: [bug] }).message).toBe(
    "Something went wrong: ab12. Try again; if it stays, look at the server's log.",
  );
  expect(failureOf({ graphQLErrors: [other] }).message).toBe("Invalid cursor.");
});

test("what the server has no room for may work later, what is no picture never does", () => {
  expect(passes("OVERLOADED")).toBe(true);
  expect(passes("INSUFFICIENT_STORAGE")).toBe(true);
  expect(passes("UNREADABLE_IMAGE")).toBe(false);
  expect(passes("IMAGE_TOO_LARGE")).toBe(false);
});

test("what is away on the server's side may be asked for again, and says so in its own words", () => {
  const message = "The database is unavailable. Try again soon.";
  const failure = failureOf({
    graphQLErrors: [{ message, extensions: { code: "UNAVAILABLE" } }],
    status: 503,
  });

  expect(failure).toMatchObject({ kind: "unreachable", message });
});
