import { type ReactNode, useRef, useState } from "react";
import { count } from "../../logic/estimate";
import { FileInput } from "../../parts/FileInput";
import { Icon } from "../../parts/Icon";
import { type FoundFile, isPicture } from "../../parts/files";
import { notices } from "../../parts/notices";
import { useFileDrop } from "../../parts/useFileDrop";
import { useFunction } from "../../workspace/context";
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
  const { workspace } = useFunction();
  const [asked, setAsked] = useState<FoundFile[] | null>(null);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const dropping = useFileDrop(take);

  function take(found: FoundFile[]): void {
    const pictures = found.filter(({ file }) => isPicture(file));
    const others = found.length - pictures.length;
    if (found.length === 0) notices.show("There is no photo in it.");
    if (others > 0) notices.show(`${count(others, "file")} left out: not a picture.`);
    if (pictures.length === 0) return;
    if (pictures.some((picture) => picture.folder !== null)) setAsked(pictures);
    else upload(pictures, false);
  }

  function upload(pictures: FoundFile[], labelled: boolean): void {
    setAsked(null);
    workspace.uploads.add(
      pictures.map((picture) => ({
        file: picture.file,
        ...(labelled && picture.folder !== null && { labelName: picture.folder }),
      })),
    );
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
      <UploadProgress />
      {offer && (
        <section className={`card empty ${dropStyles["here"]}`}>
          <h2>Add the first photos</h2>
          <p className="muted">
            Drop photos or whole folders here, or paste one. Ten of each label are a good start; two
            of two labels are enough to see it learn.
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
          found={asked}
          answer={(labelled) => upload(asked, labelled)}
          close={() => setAsked(null)}
        />
      )}
    </>
  );
}
