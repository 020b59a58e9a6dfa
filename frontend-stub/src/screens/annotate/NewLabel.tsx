import { type SubmitEvent, useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { describe } from "../../api/failure";
import { createLabel } from "../../api/labels";
import { Dialog } from "../../parts/Dialog";
import { Field } from "../../parts/Field";
import { FormAction } from "../../parts/FormAction";
import { Icon } from "../../parts/Icon";
import { useFunction } from "../../workspace/context";

/** A button that adds a label to the function. */
export function NewLabel() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button quiet compact" onClick={() => setOpen(true)}>
        <Icon name="plus" />
        New label
      </button>
      {open && <NewLabelDialog close={() => setOpen(false)} />}
    </>
  );
}

function NewLabelDialog({ close }: { close: () => void }) {
  const { fn } = useFunction();
  const [name, setName] = useState("");
  const creation = useMutation({
    mutationFn: (wanted: string) => createLabel(fn.id, wanted),
    onSuccess: close,
  });

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (name.trim() !== "") creation.mutate(name.trim());
  }

  return (
    <Dialog title="New label" close={close}>
      <form className="stack" onSubmit={submit}>
        <Field
          label="Name"
          problem={creation.error === null ? undefined : describe(creation.error)}
        >
          {(props) => (
            <input
              {...props}
              className="input"
              value={name}
              autoComplete="off"
              required
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <FormAction isPending={creation.isPending} label="Add label" close={close} />
      </form>
    </Dialog>
  );
}
