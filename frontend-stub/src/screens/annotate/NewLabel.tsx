import { type SubmitEvent, useState } from "react";
import { describe } from "../../api/failure";
import { createLabel } from "../../api/labels";
import { Dialog } from "../../parts/Dialog";
import { Field } from "../../parts/Field";
import { Icon } from "../../parts/Icon";
import { useTask } from "../../parts/useTask";
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
  const creation = useTask((wanted: string) => createLabel(fn.id, wanted), close);

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (name.trim() !== "") creation.run(name.trim());
  }

  return (
    <Dialog title="New label" close={close}>
      <form className="stack" onSubmit={submit}>
        <Field
          label="Name"
          problem={creation.failure === undefined ? undefined : describe(creation.failure)}
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
        <div className="dialog-foot">
          <button type="button" className="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={creation.busy}>
            Add label
          </button>
        </div>
      </form>
    </Dialog>
  );
}
