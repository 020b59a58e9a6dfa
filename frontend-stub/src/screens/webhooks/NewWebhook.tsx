import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { createWebhook } from "../../api/webhooks";
import { Dialog } from "../../parts/Dialog";
import { Field } from "../../parts/Field";
import { Failed } from "../../parts/Waiting";
import { listFunctions } from "../functions/functionList";
import { WebhookForm, type WebhookValues } from "./WebhookForm";

interface Props {
  close: () => void;
  /** Receives the secret, which is not told again. */
  created: (secret: string) => void;
}

/** Makes a webhook for one function, or for all. */
export function NewWebhook({ close, created }: Props) {
  const functions = useQuery({ queryKey: ["functions"], queryFn: listFunctions });
  const [functionId, setFunctionId] = useState("");
  const creation = useMutation({
    mutationFn: (values: WebhookValues) =>
      createWebhook({ ...values, functionId: functionId || null }),
    onSuccess: created,
  });
  return (
    <Dialog title="New webhook" close={close}>
      <WebhookForm
        initial={{ url: "", events: [] }}
        saving={creation}
        label="Create webhook"
        pending="Creating…"
        close={close}
      >
        <Field label="Function" hint="It cannot be changed later.">
          {(props) => (
            <select
              {...props}
              className="input"
              value={functionId}
              onChange={(event) => setFunctionId(event.target.value)}
            >
              <option value="">All functions, later ones too</option>
              {functions.data?.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        {functions.error !== null && (
          <Failed error={functions.error} retry={() => void functions.refetch()} />
        )}
      </WebhookForm>
    </Dialog>
  );
}
