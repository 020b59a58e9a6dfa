import { type ReactNode, useMemo, useRef, useState } from "react";
import type { Upload } from "../../logic/uploadQueue";
import { FileInput } from "../../parts/FileInput";
import { Icon } from "../../parts/Icon";
import { type FoundFile, picturesOf } from "../../parts/files";
import { useFileDrop } from "../../parts/useFileDrop";
import { useFunction } from "../../workspace/context";
import { BrokenUploadNotice } from "./BrokenUploadNotice";
import { FolderQuestion } from "./FolderQuestion";
import { UploadProgress } from "./UploadProgress";
import dropStyles from "../../parts/Drop.module.css";

interface Props {
  /** Whether adding photos is the only possible action. */
  offer: boolean;
  children: ReactNode;
}

/** Buttons to add photos from files and folders; they can also be dropped or pasted. */
export function AddPhotos({ offer, children }: Props) {
  const { fn, workspace } = useFunction();
  const [asked, setAsked] = useState<FoundFile[] | null>(null);
  const [drops, setDrops] = useState(0);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const dropping = useFileDrop(take);
  const labels = useMemo(() => fn.names.map(({ name }) => name), [fn.names]);

  function take(found: FoundFile[]): void {
    const pictures = picturesOf(found);
    if (pictures.length === 0) return;
    if (pictures.every((picture) => picture.folder === null)) add(pictures);
    else {
      setAsked(pictures);
      setDrops(drops + 1);
    }
  }

  function add(uploads: Upload[]): void {
    setAsked(null);
    workspace.uploads.add(uploads);
  }

  const buttons = (
    <div className="row">
      <button
        type="button"
        className={offer ? "button" : "button wide-only"}
        onClick={() => folder.current?.click()}
      >
        Add a folder
      </button>
      <button type="button" className="button primary" onClick={() => files.current?.click()}>
        <Icon name="upload" />
        Add photos
      </button>
    </div>
  );

  return (
    <>
      <FileInput ref={files} take={take} />
      <FileInput ref={folder} take={take} folder />
      <div className="row spread">
        {children}
        {!offer && buttons}
      </div>
      <BrokenUploadNotice />
      <UploadProgress />
      {offer && (
        <section className={`card empty ${dropStyles["here"]}`}>
          <h2>Add the first photos</h2>
          <p className="muted">
            Drop photos, whole folders or zip archives here, or paste a photo. Ten of each label are
            a good start; two of two labels are enough to see it learn.
          </p>
          {buttons}
        </section>
      )}
      {dropping !== "no" && (
        <div className={dropStyles["overlay"]} role="status">
          {dropping === "reading" ? "Reading…" : "Drop to add"}
        </div>
      )}
      {asked !== null && (
        <FolderQuestion
          key={drops}
          found={asked}
          labels={labels}
          add={add}
          close={() => setAsked(null)}
        />
      )}
    </>
  );
}
