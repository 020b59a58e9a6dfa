import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Webhook, testWebhook, updateWebhook } from "../../api/webhooks";
import { hrefOf } from "../../logic/route";
import { at, textOf } from "../../logic/webhooks";
import { SecretOnce } from "../../parts/SecretOnce";
import { Failed } from "../../parts/Waiting";
import { notices } from "../../parts/notices";
import { DeleteWebhook } from "./DeleteWebhook";
import { EditWebhook } from "./EditWebhook";
import { RotateSecret } from "./RotateSecret";
import styles from "./WebhooksScreen.module.css";

/** What a webhook is told of and where, and what can be done with it. */
export function WebhookCard({ webhook, changed }: { webhook: Webhook; changed: () => void }) {
  const { id, url, events, enabled, note, previousSecretUntil, function: fn } = webhook;
  const [asking, setAsking] = useState<"edit" | "secret" | "delete" | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const queries = useQueryClient();
  const close = (): void => setAsking(null);
  const test = useMutation({
    mutationFn: () => testWebhook(id),
    onSuccess: async () => {
      notices.show("Test sent. The log shows what the receiver answers.");
      await queries.invalidateQueries({ queryKey: ["deliveries", id] });
    },
  });
  const turning = useMutation({
    mutationFn: (on: boolean) => updateWebhook({ id, enabled: on }),
    onSuccess: async (_, on) => {
      notices.show(
        on
          ? "Turned on. Events that waited are delivered now."
          : "Turned off. What happens meanwhile is not recorded for it.",
      );
      changed();
      await queries.invalidateQueries({ queryKey: ["deliveries", id] });
    },
  });
  const error = test.error ?? turning.error;
  return (
    <section className="card stack" aria-label="This webhook">
      <div className="row spread">
        <h2 className={styles["url"]}>{url}</h2>
        <span className={enabled ? "tag good" : "tag warn"}>{enabled ? "On" : "Off"}</span>
      </div>
      {!enabled && (
        <p className="alert warn">
          {note ?? "It was turned off by hand."} Nothing is recorded for it meanwhile.
        </p>
      )}
      {previousSecretUntil !== null && (
        <p className="small muted">
          Until {at(previousSecretUntil)}, deliveries are also signed with the previous secret.
        </p>
      )}
      {secret !== null && <SecretOnce secret={secret} copyLabel="Copy the secret" />}
      <dl className="stack small">
        <div>
          <dt className="label-text">Function</dt>
          <dd>
            {fn === null ? (
              "All functions"
            ) : (
              <a href={hrefOf(fn.id, "samples")}>
                <bdi>{fn.name}</bdi>
              </a>
            )}
          </dd>
        </div>
        <div>
          <dt className="label-text">Told when</dt>
          {events.map((event) => (
            <dd key={event}>{textOf(event)}</dd>
          ))}
        </div>
      </dl>
      {error !== null && <Failed error={error} />}
      <div className="row">
        <button
          type="button"
          className="button primary"
          disabled={!enabled || test.isPending}
          onClick={() => test.mutate(undefined)}
        >
          {test.isPending ? "Sending…" : "Send a test"}
        </button>
        <button type="button" className="button" onClick={() => setAsking("edit")}>
          Edit
        </button>
        <button
          type="button"
          className="button"
          disabled={turning.isPending}
          onClick={() => turning.mutate(!enabled)}
        >
          {enabled ? "Turn off" : "Turn on"}
        </button>
        <button type="button" className="button" onClick={() => setAsking("secret")}>
          New secret
        </button>
        <button type="button" className="button danger" onClick={() => setAsking("delete")}>
          Delete
        </button>
      </div>
      {asking === "edit" && (
        <EditWebhook
          webhook={webhook}
          close={close}
          changed={() => {
            close();
            notices.show("Webhook saved.");
            changed();
          }}
        />
      )}
      {asking === "secret" && (
        <RotateSecret
          webhook={webhook}
          close={close}
          rotated={(made) => {
            close();
            setSecret(made);
            changed();
          }}
        />
      )}
      {asking === "delete" && <DeleteWebhook webhook={webhook} close={close} />}
    </section>
  );
}
