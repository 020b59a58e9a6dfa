import type { RefObject } from "react";
import { type FoundFile, filesOf } from "./files";
import { notices } from "./notices";
import { withoutZips } from "./zips";

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
      accept={folder ? undefined : "image/*,.heic,.heif,.avif,.zip"}
      {...(folder && { webkitdirectory: "" })}
      onChange={(event) => {
        withoutZips(filesOf(event.target.files ?? []))
          .then(take)
          .catch((error: unknown) => notices.fail(error));
        event.target.value = "";
      }}
    />
  );
}
