/** A file with the name of its folder; null for a file that was chosen on its own. */
export interface FoundFile {
  file: File;
  folder: string | null;
}

const PICTURE = /\.(jpe?g|png|webp|gif|avif|heic|heif)$/i;

/** Whether a file looks like a picture; the server decides finally. */
export function isPicture(file: File): boolean {
  return file.type.startsWith("image/") || PICTURE.test(file.name);
}

/** Every file of a drop, including those in folders. */
export async function filesOfDrop(data: DataTransfer): Promise<FoundFile[]> {
  // Take the entries now: the list is emptied after the event.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry());
  if (entries.every((entry) => entry === null)) return filesOf(data.files);
  const found = await Promise.all(
    entries.filter((entry) => entry !== null).map((entry) => walk(entry, null)),
  );
  return found.flat();
}

/** The files of an input or of the clipboard. */
export function filesOf(files: Iterable<File>): FoundFile[] {
  return [...files].map((file) => {
    const path = file.webkitRelativePath.split("/");
    return { file, folder: path.at(-2) ?? null };
  });
}

async function walk(entry: FileSystemEntry, folder: string | null): Promise<FoundFile[]> {
  if (entry.name.startsWith(".")) return [];
  if (isFileEntry(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ file, folder }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    // Browsers return a folder in parts; an empty part is the end.
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (part.length === 0) break;
    children.push(...part);
  }
  const found = await Promise.all(children.map((child) => walk(child, entry.name)));
  return found.flat();
}

function isFileEntry(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}
