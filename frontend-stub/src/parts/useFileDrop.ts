import { useEffect, useEffectEvent, useState } from "react";
import { type FoundFile, filesOf, filesOfDrop } from "./files";

/** Take files that are dropped anywhere on the page or pasted; says whether some hover now. */
export function useFileDrop(take: (files: FoundFile[]) => void): boolean {
  const [hovering, setHovering] = useState(false);
  const onFiles = useEffectEvent(take);

  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setHovering(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setHovering(false);
    };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event) || event.dataTransfer === null) return;
      event.preventDefault();
      setHovering(false);
      void filesOfDrop(event.dataTransfer).then((files) => onFiles(files));
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

  return hovering;
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}
