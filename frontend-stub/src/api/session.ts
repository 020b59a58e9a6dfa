import { Watchable } from "../logic/watchable";
import { server } from "./addresses";
import { Failure, UNREACHABLE } from "./failure";

/** The log-in page, to which the server redirects visitors without a session. */
const LOGIN = new URL("login", server).href;

class Session extends Watchable<"open" | "over"> {
  /** Report whether the session was valid in the server's last response. */
  is(state: "open" | "over"): void {
    if (state !== this.get()) this.become(state);
  }
}

/** Whether the session is still valid; if not, the page waits for a new login. */
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

/** The log-in page, which leads back to the current address. */
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
