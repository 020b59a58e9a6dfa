import { type SubmitEvent, useState } from "react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { describe } from "../../api/failure";
import { type ApiKey, createInvokeKey, listInvokeKeys, revokeKey } from "../../api/keys";
import { Field } from "../../parts/Field";
import { SecretOnce } from "../../parts/SecretOnce";
import { Failed } from "../../parts/Waiting";
import { useFunction } from "../../workspace/context";
import type { keysFields } from "./keysFields";
import styles from "./KeysCard.module.css";
import rowsStyles from "../../parts/Rows.module.css";

/** Keys for programs that invoke this function. */
export function KeysCard() {
  const { fn } = useFunction<[typeof keysFields]>();
  const {
    data: keys,
    error,
    refetch,
  } = useQuery({ queryKey: ["keys", fn.id], queryFn: () => listInvokeKeys(fn.id) });
  const [name, setName] = useState("");
  const [secret, setSecret] = useState<string | null>(null);
  const creation = useMutation({
    mutationFn: (wanted: string) => createInvokeKey(fn.id, wanted),
    onSuccess: (made) => {
      setSecret(made);
      setName("");
      void refetch();
    },
  });

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (name.trim() !== "") creation.mutate(name.trim());
  }

  return (
    <section className="card stack" aria-label="Keys">
      <h2>Keys</h2>
      <p className="muted small">
        {fn.visibility === "PUBLIC"
          ? "This function is public: whoever knows its ID may ask it, without a key."
          : "A program needs a key. One made here may ask this function and nothing else."}
      </p>
      <form className={`row ${styles["form"]}`} onSubmit={submit}>
        <Field
          label="Name of a new key"
          problem={creation.error === null ? undefined : describe(creation.error)}
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
        <button type="submit" className="button" disabled={creation.isPending}>
          {creation.isPending ? "Making…" : "Make a key"}
        </button>
      </form>
      {secret !== null && <SecretOnce secret={secret} copyLabel="Copy the key" />}
      {error !== null && <Failed error={error} retry={() => void refetch()} />}
      {keys !== undefined && keys.length > 0 && (
        <ul className={rowsStyles["list"]}>
          {keys.map((key) => (
            <KeyRow key={key.id} apiKey={key} revoked={() => void refetch()} />
          ))}
        </ul>
      )}
    </section>
  );
}

const day = new Intl.DateTimeFormat("en", { dateStyle: "medium" });

function KeyRow({ apiKey, revoked }: { apiKey: ApiKey; revoked: () => void }) {
  const revocation = useMutation({ mutationFn: () => revokeKey(apiKey.id), onSuccess: revoked });
  const { name, prefix, lastUsedAt } = apiKey;
  return (
    <li className={rowsStyles["row"]}>
      <span className={styles["name"]}>
        {name} <code className="muted">{prefix}…</code>
      </span>
      <span className="muted small">
        {lastUsedAt === null ? "never used" : `last used ${day.format(new Date(lastUsedAt))}`}
      </span>
      <button
        type="button"
        className="button compact quiet danger"
        aria-label={`Revoke ${name}`}
        disabled={revocation.isPending}
        onClick={() => revocation.mutate(undefined)}
      >
        Revoke
      </button>
      {revocation.error !== null && <Failed error={revocation.error} />}
    </li>
  );
}
