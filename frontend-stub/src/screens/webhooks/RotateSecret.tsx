import { useMutation } from "@tanstack/react-query";
import { type Webhook, rotateSecret } from "../../api/webhooks";
import { Dialog } from "../../parts/Dialog";
import { DialogAction } from "../../parts/DialogAction";

interface Props {
  webhook: Webhook;
  close: () => void;
  /** Receives the secret, which is not told again. */
  rotated: (secret: string) => void;
}

/** Gives a webhook a new secret, after a question. */
export function RotateSecret({ webhook, close, rotated }: Props) {
  const rotation = useMutation({ mutationFn: () => rotateSecret(webhook.id), onSuccess: rotated });
  return (
    <Dialog title="Replace the secret?" close={close}>
      <p>
        For 24 hours, all that is sent is signed with both secrets, so that the receiver can change
        its own meanwhile. After that, the new secret signs alone.
      </p>
      <DialogAction
        mutation={rotation}
        kind="primary"
        label="Replace the secret"
        pending="Replacing…"
        close={close}
      />
    </Dialog>
  );
}
