import { useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { deleteFunction } from "../../api/functions";
import { count } from "../../logic/estimate";
import { Dialog } from "../../parts/Dialog";
import { DialogAction } from "../../parts/DialogAction";
import { Field } from "../../parts/Field";
import { notices } from "../../parts/notices";
import { go } from "../../parts/router";
import { useFunction } from "../../workspace/context";

/** Deletes the function with everything in it, after its name is typed. */
export function DeleteFunction() {
  const { fn } = useFunction();
  const [open, setOpen] = useState(false);
  return (
    <section className="card row spread" aria-label="Delete the function">
      <div>
        <h2>Delete this function</h2>
        <p className="hint">
          Its photos, annotations, versions and webhooks go too. It cannot be undone.
        </p>
      </div>
      <button type="button" className="button danger" onClick={() => setOpen(true)}>
        Delete function
      </button>
      {open && <Confirm key={fn.id} close={() => setOpen(false)} />}
    </section>
  );
}

function Confirm({ close }: { close: () => void }) {
  const { fn } = useFunction();
  const [typed, setTyped] = useState("");
  const deletion = useMutation({
    mutationFn: () => deleteFunction(fn.id),
    onSuccess: () => {
      notices.show(`${fn.name} deleted.`);
      go("#/");
    },
  });
  return (
    <Dialog title={`Delete ${fn.name}?`} close={close}>
      <p>
        {count(fn.sampleCounts.total, "photo")} and all that was learnt from{" "}
        {fn.sampleCounts.total === 1 ? "it" : "them"} will be gone for good.
      </p>
      <Field label={`Type “${fn.name}” to confirm`}>
        {(props) => (
          <input
            {...props}
            className="input"
            value={typed}
            autoComplete="off"
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </Field>
      <DialogAction
        mutation={deletion}
        kind="danger"
        label="Delete for good"
        pending="Deleting…"
        disabled={typed !== fn.name}
        close={close}
      />
    </Dialog>
  );
}
