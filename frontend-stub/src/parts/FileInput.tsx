import type { RefObject } from "react";
import { type FoundFile, filesOf } from "./files";

interface Props {
  ref: RefObject<HTMLInputElement | null>;
  take: (files: FoundFile[]) => void;
  /** Choose a whole folder. */
  folder?: boolean;
}

/**
 * The browser's file picker; a button opens it by `ref.current.click()`.
 *
 * It is separate from the button, which may disappear while the picker is open.
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
