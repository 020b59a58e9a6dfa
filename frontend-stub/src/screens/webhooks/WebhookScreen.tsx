import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { Failure } from "../../api/failure";
import { fetchWebhook } from "../../api/webhooks";
import { webhooksHref } from "../../logic/route";
import { Busy, Failed } from "../../parts/Waiting";
import { DeliveryLog } from "./DeliveryLog";
import { WebhookCard } from "./WebhookCard";

const LOOK_EVERY_MS = 10_000;

interface Props {
  id: string;
  setHere: (name: string | null) => void;
}

/** One webhook with its log of deliveries; mount it with the webhook's ID as key. */
export function WebhookScreen({ id, setHere }: Props) {
  const webhook = useQuery({
    queryKey: ["webhook", id],
    queryFn: () => fetchWebhook(id),
    // The server turns off a webhook whose receiver fails for a day.
    refetchInterval: ({ state: { data, error } }) =>
      data === null || (error instanceof Failure && error.kind === "refused")
        ? false
        : LOOK_EVERY_MS,
  });

  useEffect(() => {
    setHere(null);
    document.title = "Webhook · Pigeonhole";
  }, [setHere]);

  return (
    <main id="main" tabIndex={-1} className="page stack">
      <div className="row spread">
        <h1>Webhook</h1>
        <a href={webhooksHref()}>Back to the webhooks</a>
      </div>
      {webhook.error !== null && (
        <Failed error={webhook.error} retry={() => void webhook.refetch()} />
      )}
      {content()}
    </main>
  );

  function content(): ReactNode {
    if (webhook.data === undefined) {
      return webhook.error === null && <Busy>Loading the webhook</Busy>;
    }
    if (webhook.data === null) return <p>There is no such webhook. Perhaps it was deleted.</p>;
    return (
      <>
        <WebhookCard webhook={webhook.data} changed={() => void webhook.refetch()} />
        <DeliveryLog webhook={webhook.data} />
      </>
    );
  }
}
