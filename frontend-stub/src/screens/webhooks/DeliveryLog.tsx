import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { type Delivery, type Webhook, fetchDeliveries, redeliver } from "../../api/webhooks";
import { count } from "../../logic/estimate";
import { answerOf, at, lookAgainMs, stateOf, textOf, typeOf } from "../../logic/webhooks";
import { ShowMore } from "../../parts/ShowMore";
import { Busy, Failed } from "../../parts/Waiting";
import { notices } from "../../parts/notices";
import styles from "./DeliveryLog.module.css";
import rowsStyles from "../../parts/Rows.module.css";

/** What a webhook was told, newest first; it stays up to date while it is open. */
export function DeliveryLog({ webhook: { id, enabled } }: { webhook: Webhook }) {
  const log = useInfiniteQuery({
    queryKey: ["deliveries", id],
    queryFn: ({ pageParam }) => fetchDeliveries(id, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ older }) => older,
    refetchInterval: ({ state: { data } }) => {
      const pages = data?.pages ?? [];
      // All pages are fetched anew, so more of them are fetched less often.
      return (
        Math.max(1, pages.length) * lookAgainMs(pages.flatMap(deliveriesOf), enabled, Date.now())
      );
    },
  });
  const deliveries = log.data?.pages.flatMap(deliveriesOf);
  return (
    <section className="card stack" aria-label="Deliveries">
      <h2>Deliveries</h2>
      <p className="muted small">
        An event that could not be delivered is tried again for a day, and later ones of its
        function wait for it. What was delivered is listed for 30 days.
      </p>
      {log.error !== null && <Failed error={log.error} retry={() => void log.refetch()} />}
      {deliveries === undefined && log.error === null && <Busy>Loading deliveries</Busy>}
      {deliveries?.length === 0 && <p>Nothing was sent yet.</p>}
      {deliveries !== undefined && deliveries.length > 0 && (
        <ol className={rowsStyles["list"]} aria-label="Deliveries, newest first">
          {deliveries.map((delivery) => (
            <DeliveryRow
              key={delivery.id}
              delivery={delivery}
              enabled={enabled}
              sent={() => void log.refetch()}
            />
          ))}
        </ol>
      )}
      <ShowMore list={log} label="Show older ones" />
    </section>
  );
}

function deliveriesOf({ deliveries }: { deliveries: Delivery[] }): Delivery[] {
  return deliveries;
}

interface RowProps {
  delivery: Delivery;
  enabled: boolean;
  sent: () => void;
}

function DeliveryRow({ delivery, enabled, sent }: RowProps) {
  const { id, event, body, attempts, createdAt, deliveredAt, dueAt } = delivery;
  const { text, tone } = stateOf(delivery, enabled);
  const action = deliveredAt === null ? "Deliver now" : "Deliver again";
  const again = useMutation({
    mutationFn: () => redeliver(id),
    onSuccess: () => {
      notices.show("On its way. The log shows what the receiver answers.");
      sent();
    },
  });
  return (
    <li className={rowsStyles["row"]}>
      <span className={styles["event"]}>
        {textOf(event)} <code className="muted">{typeOf(event)}</code>
      </span>
      <span className={`tag ${tone}`}>{text}</span>
      <button
        type="button"
        className="button compact"
        disabled={!enabled || again.isPending}
        aria-label={`${action}: ${typeOf(event)} of ${at(createdAt)}`}
        onClick={() => again.mutate(undefined)}
      >
        {action}
      </button>
      <span className={`muted small number ${styles["whole"]}`}>
        {at(createdAt)} · {count(attempts, "attempt")}
        {deliveredAt !== null && ` · delivered ${at(deliveredAt)}`}
        {dueAt !== null && enabled && ` · next attempt ${at(dueAt)}`}
      </span>
      <span className={`small ${styles["whole"]}`}>{answerOf(delivery)}</span>
      <details className={`small ${styles["whole"]}`}>
        <summary>What is sent</summary>
        <pre>{indented(body)}</pre>
      </details>
      {again.error !== null && <Failed error={again.error} />}
    </li>
  );
}

/** JSON with one value on each line. */
function indented(json: string): string {
  return JSON.stringify(JSON.parse(json), null, 2);
}
