import { useMutation } from "@tanstack/react-query";
import { type Webhook, updateWebhook } from "../../api/webhooks";
import { chosenEvents } from "../../logic/webhooks";
import { Dialog } from "../../parts/Dialog";
import { WebhookForm, type WebhookValues } from "./WebhookForm";

interface Props {
  webhook: Webhook;
  close: () => void;
  changed: () => void;
}

/** Changes a webhook's URL and events. */
export function EditWebhook({ webhook, close, changed }: Props) {
  const { id, url, events } = webhook;
  const saving = useMutation({
    mutationFn: (values: WebhookValues) => updateWebhook({ id, ...values }),
    onSuccess: changed,
  });
  return (
    <Dialog title="Edit webhook" close={close}>
      <WebhookForm
        initial={{ url, events: chosenEvents.filter((event) => events.includes(event)) }}
        saving={saving}
        label="Save"
        pending="Saving…"
        close={close}
      />
    </Dialog>
  );
}
