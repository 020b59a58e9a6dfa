import { count } from "../../logic/estimate";
import { Dialog } from "../../parts/Dialog";

/** Deleting this many photos or more needs confirmation. */
export const ASK_FROM = 10;

interface Props {
  photos: number;
  annotated: number;
  remove: () => void;
  close: () => void;
}

/** Ask before many photos are deleted at once. */
export function DeleteQuestion({ photos, annotated, remove, close }: Props) {
  return (
    <Dialog title={`Delete ${count(photos, "photo")}?`} close={close}>
      <p>
        {annotated > 0 && `At least ${count(annotated, "of them is", "of them are")} annotated. `}
        They go to the trash, from which they can be restored with their annotations.
      </p>
      <div className="dialog-foot">
        <button type="button" className="button" data-first-focus="" onClick={close}>
          Cancel
        </button>
        <button type="button" className="button danger" onClick={remove}>
          Delete {count(photos, "photo")}
        </button>
      </div>
    </Dialog>
  );
}
