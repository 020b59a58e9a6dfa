import { count } from "../logic/estimate";
import { notices } from "./notices";

/** A file with the path of its folder, such as `photos/Soups`; null for a file outside of folders. */
export interface FoundFile {
  file: File;
  folder: string | null;
}

const PICTURE = /\.(jpe?g|jpe|png|webp|gif|avif|heic|heif|bmp|tiff?)$/i;

/** Whether a file looks like a picture; the server decides finally. */
export function isPicture(file: File): boolean {
  return file.type.startsWith("image/") || isPictureName(file.name);
}

export function isPictureName(name: string): boolean {
  return PICTURE.test(name);
}

/** The pictures among files; a message says what is left out. */
export function picturesOf(found: readonly FoundFile[]): FoundFile[] {
  const pictures = found.filter(({ file }) => isPicture(file));
  const others = found.length - pictures.length;
  if (found.length === 0) notices.show("There is no photo in it.");
  if (others > 0) notices.show(`${count(others, "file")} left out: not a picture.`);
  return pictures;
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
  return [...files].flatMap((file): FoundFile[] => {
    const folders = file.webkitRelativePath.split("/").slice(0, -1);
    if (folders.length === 0) return [{ file, folder: null }];
    return [...folders, file.name].some(isHidden) ? [] : [{ file, folder: folders.join("/") }];
  });
}

/** Whether a file or folder is hidden, or added by a file manager. */
export function isHidden(name: string): boolean {
  return name.startsWith(".") || name === "__MACOSX";
}

async function walk(entry: FileSystemEntry, folder: string | null): Promise<FoundFile[]> {
  if (isHidden(entry.name)) return [];
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
  const path = folder === null ? entry.name : `${folder}/${entry.name}`;
  const found = await Promise.all(children.map((child) => walk(child, path)));
  return found.flat();
}

function isFileEntry(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}
