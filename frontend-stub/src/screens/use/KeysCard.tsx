import { type SubmitEvent, useCallback, useState } from "react";
import { describe } from "../../api/failure";
import { type ApiKey, createInvokeKey, listInvokeKeys, revokeKey } from "../../api/keys";
import { Field } from "../../parts/Field";
import { Icon } from "../../parts/Icon";
import { Failed } from "../../parts/Waiting";
import { copy } from "../../parts/copy";
import { useLoaded } from "../../parts/useLoaded";
import { useTask } from "../../parts/useTask";
import { useFunction } from "../../workspace/context";

/** Keys for programs that ask this function. */
export function KeysCard() {
  const { fn } = useFunction();
  const load = useCallback(() => listInvokeKeys(fn.id), [fn.id]);
  const { value: keys, failure, reload } = useLoaded(load);
  const [name, setName] = useState("");
  const [secret, setSecret] = useState<string | null>(null);
  const creation = useTask(
    (wanted: string) => createInvokeKey(fn.id, wanted),
    (made) => {
      setSecret(made);
      setName("");
      reload();
    },
  );

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (name.trim() !== "") creation.run(name.trim());
  }

  return (
    <section className="card stack" aria-label="Keys">
      <h2>Keys</h2>
      <p className="muted small">
        {fn.visibility === "PUBLIC"
          ? "This function is public: whoever knows its ID may ask it, without a key."
          : "A program needs a key. One made here may ask this function and nothing else."}
      </p>
      <form className="row key-form" onSubmit={submit}>
        <Field
          label="Name of a new key"
          problem={creation.failure === undefined ? undefined : describe(creation.failure)}
        >
          {(props) => (
            <input
              {...props}
              className="input"
              value={name}
              placeholder="Recipe site"
              autoComplete="off"
              required
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <button type="submit" className="button" disabled={creation.busy}>
          {creation.busy ? "Making…" : "Make a key"}
        </button>
      </form>
      {secret !== null && (
        <div role="status" className="alert warn">
          <span>
            Copy it now, it is shown this once: <code className="secret">{secret}</code>
          </span>
          <button type="button" className="button compact" onClick={() => void copy(secret)}>
            <Icon name="copy" />
            Copy the key
          </button>
        </div>
      )}
      {failure !== undefined && <Failed error={failure} retry={reload} />}
      {keys !== undefined && keys.length > 0 && (
        <ul className="label-list">
          {keys.map((key) => (
            <KeyRow key={key.id} apiKey={key} revoked={reload} />
          ))}
        </ul>
      )}
    </section>
  );
}

const day = new Intl.DateTimeFormat("en", { dateStyle: "medium" });

function KeyRow({ apiKey, revoked }: { apiKey: ApiKey; revoked: () => void }) {
  const revocation = useTask(() => revokeKey(apiKey.id), revoked);
  const { name, prefix, lastUsedAt } = apiKey;
  return (
    <li className="label-row">
      <span className="key-name">
        {name} <code className="muted">{prefix}…</code>
      </span>
      <span className="muted small">
        {lastUsedAt === null ? "never used" : `last used ${day.format(new Date(lastUsedAt))}`}
      </span>
      <button
        type="button"
        className="button compact quiet danger"
        aria-label={`Revoke ${name}`}
        disabled={revocation.busy}
        onClick={() => revocation.run(undefined)}
      >
        Revoke
      </button>
      {revocation.failure !== undefined && <Failed error={revocation.failure} />}
    </li>
  );
}
