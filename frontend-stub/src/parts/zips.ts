import { count } from "../logic/estimate";
import { type ZipEntry, ZipError, entriesOf, unpack } from "../logic/zip";
import { type FoundFile, isHidden, isPictureName } from "./files";
import { notices } from "./notices";

/** Bytes of a file in an archive beyond which it is not unpacked, as in `pigeonhole import`. */
const MOST_OF_FILE = 64 * 2 ** 20;
/** Bytes that one archive may take while its photos wait to be uploaded. */
const MOST_OF_ARCHIVE = 2 * 2 ** 30;
const AT_ONCE = 16;

/** Replace each zip archive with the files in it; messages say what could not be read. */
export async function withoutZips(found: FoundFile[]): Promise<FoundFile[]> {
  const files: FoundFile[] = [];
  for (const one of found) {
    if (/\.zip$/i.test(one.file.name)) files.push(...(await filesOfZip(one)));
    else files.push(one);
  }
  return files;
}

async function filesOfZip({ file: archive, folder }: FoundFile): Promise<FoundFile[]> {
  const reading = notices.show(`Unpacking ${archive.name}…`);
  try {
    const entries = (await entriesOf(archive)).filter(
      ({ path }) => !path.split("/").some(isHidden),
    );
    const unpacked = entries.filter(({ path }) => isPictureName(path));
    if (bytesOf(unpacked) > MOST_OF_ARCHIVE) {
      throw new ZipError("It is too large for the browser. Unpack it and add the folder instead.");
    }
    return await filesOfEntries(archive, entries, folderOf(archive, entries, folder));
  } catch (error) {
    const why = error instanceof ZipError ? error.message : "The browser could not read it.";
    notices.fail(`${archive.name} was left out. ${why}`);
    return [];
  } finally {
    notices.dismiss(reading);
  }
}

async function filesOfEntries(
  archive: File,
  entries: readonly ZipEntry[],
  top: string,
): Promise<FoundFile[]> {
  const files: FoundFile[] = [];
  const refused: string[] = [];
  const read = async (entry: ZipEntry): Promise<FoundFile[]> => {
    const names = entry.path.split("/");
    const name = names.pop() ?? "";
    const folder = [top, ...names].filter(Boolean).join("/");
    try {
      if (entry.size > MOST_OF_FILE) throw new ZipError("It is too large.");
      // Other files are only counted.
      const bytes = isPictureName(name) ? [await unpack(archive, entry)] : [];
      return [{ file: new File(bytes, name), folder }];
    } catch (error) {
      if (!(error instanceof ZipError)) throw error;
      refused.push(`${name}: ${error.message}`);
      return [];
    }
  };
  for (let from = 0; from < entries.length; from += AT_ONCE) {
    files.push(...(await Promise.all(entries.slice(from, from + AT_ONCE).map(read))).flat());
  }
  if (refused.length > 0) {
    notices.fail(
      `${count(refused.length, "file")} of ${archive.name} could not be unpacked. ${refused[0]}`,
    );
  }
  return files;
}

/** The folder that an archive stands for: its own name, unless one folder in it contains all. */
function folderOf(archive: File, entries: readonly ZipEntry[], folder: string | null): string {
  const tops = new Set(entries.map(({ path }) => (path.includes("/") ? path.split("/")[0] : "")));
  const isWrapped = tops.size === 1 && !tops.has("");
  return [folder, isWrapped ? null : archive.name.replace(/\.zip$/i, "")].filter(Boolean).join("/");
}

/** The bytes of memory that unpacking takes; stored files stay in the archive. */
function bytesOf(entries: readonly ZipEntry[]): number {
  return entries.reduce((sum, { method, size }) => sum + (method === 0 ? 0 : size), 0);
}
