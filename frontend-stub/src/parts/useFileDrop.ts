import { useEffect, useEffectEvent, useState } from "react";
import { type FoundFile, filesOf, filesOfDrop } from "./files";
import { notices } from "./notices";
import { withoutZips } from "./zips";

/** Whether files are held over the page, or dropped folders are being read. */
export type Dropping = "no" | "hovering" | "reading";

/** Accept files that are dropped anywhere on the page or pasted. */
export function useFileDrop(take: (files: FoundFile[]) => void): Dropping {
  const [dropping, setDropping] = useState<Dropping>("no");
  const onFiles = useEffectEvent(take);

  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setDropping("hovering");
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setDropping("no");
    };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event) || event.dataTransfer === null) return;
      event.preventDefault();
      setDropping("reading");
      filesOfDrop(event.dataTransfer)
        .then(withoutZips)
        .then((files) => onFiles(files))
        .catch(() =>
          notices.fail("The browser could not read what was dropped. Use “Add a folder” instead."),
        )
        .finally(() => setDropping("no"));
    };
    const paste = (event: ClipboardEvent): void => {
      const files = event.clipboardData?.files ?? [];
      if (files.length === 0) return;
      event.preventDefault();
      onFiles(filesOf(files));
    };
    window.addEventListener("dragover", over);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    window.addEventListener("paste", paste);
    return () => {
      window.removeEventListener("dragover", over);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
      window.removeEventListener("paste", paste);
    };
  }, []);

  return dropping;
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}
