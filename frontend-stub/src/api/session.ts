import { Failure, UNREACHABLE } from "./failure";

/** Where a person logs in; the server sends whoever has no session there. */
const LOGIN = "/login";

/** Go and log in: the session is over. */
export function logInAgain(): void {
  window.location.assign(LOGIN);
}

/** End the session of this browser. */
export async function logOut(): Promise<void> {
  let response: Response;
  try {
    response = await fetch(LOGIN, {
      method: "DELETE",
      headers: { "Content-Type": "application/json" },
    });
  } catch {
    throw new Failure("unreachable", UNREACHABLE);
  }
  if (!response.ok)
    throw new Failure("refused", "Logging out did not work. Reload the page and try again.");
  logInAgain();
}
