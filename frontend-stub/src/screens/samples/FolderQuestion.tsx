import { count } from "../../logic/estimate";
import { Dialog } from "../../parts/Dialog";
import type { FoundFile } from "../../parts/files";

const SHOWN = 8;

interface Props {
  found: FoundFile[];
  answer: (labelled: boolean) => void;
  close: () => void;
}

/** Ask whether the names of the folders say what the photos show. */
export function FolderQuestion({ found, answer, close }: Props) {
  const counts = new Map<string, number>();
  for (const { folder } of found) {
    if (folder !== null) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  const folders = [...counts];
  return (
    <Dialog title="Do the folders name the labels?" close={close}>
      <p>
        {count(found.length, "photo")} in {count(folders.length, "folder")}:
      </p>
      <ul className="row">
        {folders.slice(0, SHOWN).map(([folder, photos]) => (
          <li key={folder} className="tag">
            {folder} <span className="muted number">{photos}</span>
          </li>
        ))}
        {folders.length > SHOWN && <li className="muted">and {folders.length - SHOWN} more</li>}
      </ul>
      <p className="muted">
        If each folder holds one kind of photo, its name can be the annotation of all of them. New
        names become new labels.
      </p>
      <div className="dialog-foot">
        <button type="button" className="button quiet" onClick={close}>
          Cancel
        </button>
        <button type="button" className="button" onClick={() => answer(false)}>
          Add without labels
        </button>
        <button type="button" className="button primary" onClick={() => answer(true)}>
          Annotate by folder
        </button>
      </div>
    </Dialog>
  );
}
