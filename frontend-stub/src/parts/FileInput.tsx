import type { RefObject } from "react";
import { type FoundFile, filesOf } from "./files";

interface Props {
  ref: RefObject<HTMLInputElement | null>;
  take: (files: FoundFile[]) => void;
  /** Choose a whole folder. */
  folder?: boolean;
}

/**
 * The browser's choice of files; a button opens it by `ref.current.click()`.
 *
 * It stands apart from the button, which may go while somebody still chooses.
 */
export function FileInput({ ref, take, folder = false }: Props) {
  return (
    <input
      ref={ref}
      type="file"
      hidden
      multiple
      accept={folder ? undefined : "image/*,.heic,.heif,.avif"}
      {...(folder && { webkitdirectory: "" })}
      onChange={(event) => {
        take(filesOf(event.target.files ?? []));
        event.target.value = "";
      }}
    />
  );
}
