import { useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { deleteLabel } from "../../api/labels";
import { count } from "../../logic/estimate";
import { Dialog } from "../../parts/Dialog";
import { DialogAction } from "../../parts/DialogAction";
import { Field } from "../../parts/Field";
import { notices } from "../../parts/notices";
import { useFunction } from "../../workspace/context";
import type { SettingsLabel } from "./settingsFields";

/** Delete a label; its photos lose their annotation or move to another label. */
export function DeleteLabel({ label, close }: { label: SettingsLabel; close: () => void }) {
  const { fn } = useFunction();
  const [target, setTarget] = useState("");
  const deletion = useMutation({
    mutationFn: () => deleteLabel(label.id, target || null),
    onSuccess: () => {
      notices.show(`${label.name} deleted.`);
      close();
    },
  });
  return (
    <Dialog title={`Delete ${label.name}?`} close={close}>
      <p>
        {label.sampleCount === 0
          ? "No photo is annotated with it."
          : `${count(label.sampleCount, "photo")} ${label.sampleCount === 1 ? "is" : "are"} annotated with it. The photos stay.`}
      </p>
      {label.sampleCount > 0 && (
        <Field label="Their annotations">
          {(props) => (
            <select
              {...props}
              className="input"
              value={target}
              onChange={(event) => setTarget(event.target.value)}
            >
              <option value="">are taken away</option>
              {fn.labels
                .filter(({ id }) => id !== label.id)
                .map(({ id, name }) => (
                  <option key={id} value={id}>
                    become {name}
                  </option>
                ))}
            </select>
          )}
        </Field>
      )}
      <DialogAction
        mutation={deletion}
        kind="danger"
        label="Delete label"
        pending="Deleting…"
        close={close}
      />
    </Dialog>
  );
}
