import { Watchable } from "../logic/watchable";
import { server } from "./addresses";
import { Failure, UNREACHABLE } from "./failure";

/** Where a person logs in; the server sends whoever has no session there. */
const LOGIN = new URL("login", server).href;

class Session extends Watchable<"open" | "over"> {
  /** Tell what the last answer of the server said of the session. */
  is(state: "open" | "over"): void {
    if (state !== this.get()) this.become(state);
  }
}

/** Whether the server still knows who this is; the page waits for a new login where it does not. */
export const session = new Session("open");

/** Begin a new session of this browser with a key. */
export async function logIn(key: string): Promise<void> {
  const response = await send("POST", { key });
  if (!response.ok) {
    const { errors } = (await response.json()) as { errors: { message: string }[] };
    throw new Failure("refused", errors[0]?.message ?? "Logging in did not work. Try again.");
  }
  session.is("open");
}

/** The login page, which leads back to where the page is now. */
export function loginAddress(): string {
  return `${LOGIN}${window.location.hash}`;
}

/** End the session of this browser. */
export async function logOut(): Promise<void> {
  const response = await send("DELETE");
  if (!response.ok)
    throw new Failure("refused", "Logging out did not work. Reload the page and try again.");
  window.location.assign(LOGIN);
}

async function send(method: "POST" | "DELETE", body?: { key: string }): Promise<Response> {
  try {
    return await fetch(LOGIN, {
      method,
      headers: { "Content-Type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Failure("unreachable", UNREACHABLE);
  }
}
