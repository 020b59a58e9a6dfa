import { type ReactNode, useRef } from "react";
import { type FoundFile, filesOf } from "./files";

interface Props {
  take: (files: FoundFile[]) => void;
  children: ReactNode;
  className?: string;
  /** Choose a whole folder. */
  folder?: boolean;
  multiple?: boolean;
}

/** A button that opens the browser's choice of files. */
export function FileButton({ take, children, className, folder = false, multiple = true }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        multiple={multiple}
        accept={folder ? undefined : "image/*,.heic,.heif,.avif"}
        {...(folder && { webkitdirectory: "" })}
        onChange={(event) => {
          take(filesOf(event.target.files ?? []));
          event.target.value = "";
        }}
      />
      <button
        type="button"
        className={`button ${className ?? ""}`}
        onClick={() => input.current?.click()}
      >
        {children}
      </button>
    </>
  );
}
