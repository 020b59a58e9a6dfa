import { useState } from "react";
import { type Filters, filterOf, searchOf } from "../../logic/filters";
import { useFunction } from "../../workspace/context";
import { AcceptDialog } from "./AcceptDialog";

interface Props {
  filters: Filters;
  /** Read the list again. */
  reload: () => void;
}

/** Above a list of photos without labels: a button to accept the answers that the model is sure of. */
export function AcceptSure({ filters, reload }: Props) {
  const { fn } = useFunction();
  const [open, setOpen] = useState(false);
  const offers = filters.state === "unannotated" && searchOf(filters) === null && fn.model !== null;
  if (!offers && !open) return null;
  return (
    <div className="row">
      <button type="button" className="button compact" onClick={() => setOpen(true)}>
        Accept sure answers…
      </button>
      {open && (
        <AcceptDialog filter={filterOf(filters)} reload={reload} close={() => setOpen(false)} />
      )}
    </div>
  );
}
