import { useFunction } from "../../workspace/context";
import { NewLabel } from "./NewLabel";

/** Buttons for what can be done in place of naming a label: skip, undo, and make a new label. */
export function TurnActions({ skip }: { skip: () => void }) {
  const { workspace } = useFunction();
  return (
    <div className="row spread">
      <div className="row">
        <button type="button" className="button quiet compact" onClick={skip}>
          <kbd className="key" aria-hidden="true">
            Space
          </kbd>
          Skip
        </button>
        <button type="button" className="button quiet compact" onClick={() => workspace.undo()}>
          <kbd className="key" aria-hidden="true">
            ⌫
          </kbd>
          Undo
        </button>
      </div>
      <NewLabel />
    </div>
  );
}
