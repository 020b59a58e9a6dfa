import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { describe } from "../api/failure";
import { logIn, loginAddress } from "../api/session";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";

/** Asks for a new login on top of the page, so that nothing on it is lost. */
export function LogInAgain() {
  const [key, setKey] = useState("");
  const queries = useQueryClient();
  const login = useMutation({
    mutationFn: () => logIn(key.trim()),
    onSuccess: () => queries.invalidateQueries(),
  });

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (!login.isPending) login.mutate();
  }

  return (
    <Dialog title="You are logged out" close={() => undefined}>
      <form className="stack" onSubmit={submit}>
        <p>
          The session has ended, perhaps in another tab. What you did is kept on this page and is
          saved once you log in.
        </p>
        <Field
          label="API key"
          problem={login.error === null ? undefined : describe(login.error)}
          hint="Or run “pigeonhole login” on the machine of the server and open its link in another tab."
        >
          {(props) => (
            <input
              {...props}
              className="input"
              type="password"
              value={key}
              autoComplete="current-password"
              required
              onChange={(event) => setKey(event.target.value)}
            />
          )}
        </Field>
        <div className="dialog-foot">
          <a className="button quiet" href={loginAddress()}>
            Leave for the login page
          </a>
          <button type="submit" className="button primary" disabled={login.isPending}>
            {login.isPending ? "Logging in…" : "Log in"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
