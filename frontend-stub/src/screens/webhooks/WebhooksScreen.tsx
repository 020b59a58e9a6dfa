import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Webhook, fetchWebhooks } from "../../api/webhooks";
import { webhooksHref } from "../../logic/route";
import { typeOf } from "../../logic/webhooks";
import { Icon } from "../../parts/Icon";
import { SecretOnce } from "../../parts/SecretOnce";
import { ShowMore } from "../../parts/ShowMore";
import { Busy, Failed } from "../../parts/Waiting";
import { NewWebhook } from "./NewWebhook";
import styles from "./WebhooksScreen.module.css";
import rowsStyles from "../../parts/Rows.module.css";

/** The webhooks of the deployment, and a form for a new one. */
export function WebhooksScreen({ setHere }: { setHere: (name: string | null) => void }) {
  const list = useInfiniteQuery({
    queryKey: ["webhooks"],
    queryFn: ({ pageParam }) => fetchWebhooks(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    refetchOnWindowFocus: "always",
  });
  const [creating, setCreating] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const webhooks = list.data?.pages.flatMap((page) => page.webhooks);

  useEffect(() => {
    setHere(null);
    document.title = "Webhooks · Pigeonhole";
  }, [setHere]);

  return (
    <main id="main" tabIndex={-1} className="page stack">
      <div className="row spread">
        <h1>Webhooks</h1>
        <a href="#/">Back to the functions</a>
      </div>
      <div className="row spread">
        <p className={`muted ${styles["lead"]}`}>
          A webhook tells another program of changes: each event is sent by POST to its URL as JSON,
          signed with the webhook’s secret as Standard Webhooks describes.
        </p>
        {webhooks !== undefined && (
          <button type="button" className="button primary" onClick={() => setCreating(true)}>
            <Icon name="plus" />
            New webhook
          </button>
        )}
      </div>
      {secret !== null && <SecretOnce secret={secret} copyLabel="Copy the secret" />}
      {list.error !== null && <Failed error={list.error} retry={() => void list.refetch()} />}
      {webhooks === undefined && list.error === null && <Busy>Loading webhooks</Busy>}
      {webhooks?.length === 0 && (
        <section className="card empty">
          <h2>Nobody is told yet</h2>
          <p className="muted">
            A program can be told when a version was put to use, when training has failed, or when a
            photo was kept.
          </p>
        </section>
      )}
      {webhooks !== undefined && webhooks.length > 0 && (
        <ul className={`card ${rowsStyles["list"]}`} aria-label="Webhooks">
          {webhooks.map((webhook) => (
            <WebhookRow key={webhook.id} webhook={webhook} />
          ))}
        </ul>
      )}
      <ShowMore list={list} />
      {creating && (
        <NewWebhook
          close={() => setCreating(false)}
          created={(made) => {
            setCreating(false);
            setSecret(made);
            void list.refetch();
          }}
        />
      )}
    </main>
  );
}

function WebhookRow({
  webhook: { id, url, events, enabled, note, function: fn },
}: {
  webhook: Webhook;
}) {
  return (
    <li className={rowsStyles["row"]}>
      <a className={styles["url"]} href={webhooksHref(id)}>
        {url}
      </a>
      <span className={enabled ? "tag good" : "tag warn"}>{enabled ? "On" : "Off"}</span>
      <span className={`muted small ${styles["whole"]}`}>
        {fn === null ? "All functions" : <bdi>{fn.name}</bdi>} · {events.map(typeOf).join(", ")}
      </span>
      {note !== null && <span className={`problem ${styles["whole"]}`}>{note}</span>}
    </li>
  );
}
