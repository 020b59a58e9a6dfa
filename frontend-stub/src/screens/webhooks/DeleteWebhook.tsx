import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Webhook, countDeliveries, deleteWebhook } from "../../api/webhooks";
import { webhooksHref } from "../../logic/route";
import { count } from "../../logic/estimate";
import { Dialog } from "../../parts/Dialog";
import { DialogAction } from "../../parts/DialogAction";
import { notices } from "../../parts/notices";
import { go } from "../../parts/router";

/** Deletes a webhook with its log, after a question. */
export function DeleteWebhook({ webhook, close }: { webhook: Webhook; close: () => void }) {
  const { id, url } = webhook;
  const queries = useQueryClient();
  const { data: deliveries } = useQuery({
    queryKey: ["delivery-count", id],
    queryFn: () => countDeliveries(id),
  });
  const deletion = useMutation({
    mutationFn: () => deleteWebhook(id),
    onSuccess: () => {
      notices.show("Webhook deleted.");
      queries.removeQueries({ queryKey: ["webhooks"] }); // the list would show it for a moment
      go(webhooksHref());
    },
  });
  return (
    <Dialog title="Delete this webhook?" close={close}>
      <p>
        <code>{url}</code> is no longer told of anything. Its secret and its log
        {deliveries !== undefined && ` of ${count(deliveries, "delivery", "deliveries")}`} go too,
        and events that still wait are not delivered. It cannot be undone.
      </p>
      <DialogAction
        mutation={deletion}
        kind="danger"
        label="Delete webhook"
        pending="Deleting…"
        close={close}
      />
    </Dialog>
  );
}
