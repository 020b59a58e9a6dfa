import { count } from "../../logic/estimate";
import { labelled } from "../../logic/folders";
import type { Upload } from "../../logic/uploadQueue";
import { Dialog } from "../../parts/Dialog";
import { FolderList } from "../../parts/FolderList";
import type { FoundFile } from "../../parts/files";
import { useFolderChoices } from "../../parts/useFolderChoices";

interface Props {
  found: readonly FoundFile[];
  /** Names of the labels that the function has. */
  labels: readonly string[];
  add: (uploads: Upload[]) => void;
  close: () => void;
}

/** Ask which folders name which labels, and show what adding their photos leads to. */
export function FolderQuestion({ found, labels, add, close }: Props) {
  const choices = useFolderChoices(found, labels);
  const { folders, plan } = choices;
  const named = folders.filter(({ path }) => path !== "");
  const uploads = (): Upload[] => labelled(found, plan);
  return (
    <Dialog title="Do the folders name the labels?" close={close} wide>
      <p>
        {count(found.length, "photo")} in {count(named.length, "folder")}:
      </p>
      <FolderList choices={choices} />
      <div className="dialog-foot">
        <button type="button" className="button quiet" onClick={close}>
          Cancel
        </button>
        <button
          type="button"
          className="button"
          disabled={plan.photos === 0}
          onClick={() => add(uploads().map(({ file }) => ({ file })))}
        >
          Add without labels
        </button>
        <button
          type="button"
          className="button primary"
          disabled={plan.photos === 0 || plan.problems > 0}
          onClick={() => add(uploads())}
        >
          Annotate by folder
        </button>
      </div>
    </Dialog>
  );
}
