/** A file within a zip archive. */
export interface ZipEntry {
  /** Its path in the archive, with `/` between folders. */
  path: string;
  /** Its bytes once it is unpacked. */
  size: number;
  compressed: number;
  method: number;
  encrypted: boolean;
  /** Where its local header starts. */
  offset: number;
}

/** An archive, or a file in one, that cannot be read; the message says why. */
export class ZipError extends Error {}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const LOCATOR_64_BYTES = 20;
const END_64_BYTES = 56;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const MOST_COMMENT = 0xffff;
/** In fields of 16 and 32 bits: the value is in a field of 64 bits. */
const ELSEWHERE_16 = 0xffff;
const ELSEWHERE_32 = 0xffffffff;
const STORED = 0;
const DEFLATED = 8;

/**
 * The files of a zip archive, without folders; only the directory at its end is read.
 *
 * Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3 and 4.5
 */
export async function entriesOf(archive: Blob): Promise<ZipEntry[]> {
  const { count, size, offset } = await directoryOf(archive);
  const view = await viewOf(archive, offset, size);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + ENTRY_BYTES > view.byteLength || view.getUint32(at, true) !== ENTRY) throw damaged();
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) =>
      view.getUint16(at + field, true),
    ) as [number, number, number];
    const end = at + ENTRY_BYTES + nameBytes + extraBytes;
    if (end > view.byteLength) throw damaged();
    const entry = {
      path: textOf(new Uint8Array(view.buffer, at + ENTRY_BYTES, nameBytes)).replaceAll("\\", "/"),
      size: view.getUint32(at + 24, true),
      compressed: view.getUint32(at + 20, true),
      method: view.getUint16(at + 10, true),
      encrypted: (view.getUint16(at + 8, true) & 1) === 1,
      offset: view.getUint32(at + 42, true),
    };
    readLarge(entry, view, end - extraBytes, end);
    if (!entry.path.endsWith("/")) entries.push(entry);
    at = end + commentBytes;
  }
  return entries;
}

/** Unpack a file of an archive; stored files are not copied. */
export async function unpack(archive: Blob, entry: ZipEntry): Promise<Blob> {
  if (entry.encrypted) throw new ZipError("It is encrypted.");
  const header = await viewOf(archive, entry.offset, LOCAL_BYTES);
  if (header.getUint32(0, true) !== LOCAL) throw damaged();
  const from = entry.offset + LOCAL_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  const packed = archive.slice(from, from + entry.compressed);
  if (packed.size !== entry.compressed) throw damaged();
  if (entry.method === STORED) return packed;
  if (entry.method !== DEFLATED) throw new ZipError("Its compression is not supported.");
  return inflated(packed, entry.size);
}

/** The bytes of a deflated file; more than its directory says are never unpacked. */
async function inflated(packed: Blob, size: number): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  try {
    const reader = packed.stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.byteLength;
      if (bytes > size) {
        await reader.cancel();
        break;
      }
      parts.push(value);
    }
  } catch {
    throw damaged();
  }
  if (bytes !== size) throw damaged();
  return new Blob(parts);
}

async function directoryOf(
  archive: Blob,
): Promise<{ count: number; size: number; offset: number }> {
  const from = Math.max(0, archive.size - END_BYTES - MOST_COMMENT);
  const tail = await viewOf(archive, from, archive.size - from);
  let at = tail.byteLength - END_BYTES;
  while (at >= 0 && tail.getUint32(at, true) !== END) at--;
  if (at < 0) throw new ZipError("It is not a zip archive.");
  const end = {
    count: tail.getUint16(at + 10, true),
    size: tail.getUint32(at + 12, true),
    offset: tail.getUint32(at + 16, true),
  };
  const isLarge =
    end.count === ELSEWHERE_16 || end.size === ELSEWHERE_32 || end.offset === ELSEWHERE_32;
  const locator = at - LOCATOR_64_BYTES;
  if (!isLarge || locator < 0 || tail.getUint32(locator, true) !== LOCATOR_64) return end;
  const large = await viewOf(archive, long(tail, locator + 8), END_64_BYTES);
  if (large.getUint32(0, true) !== END_64) throw damaged();
  return { count: long(large, 32), size: long(large, 40), offset: long(large, 48) };
}

/** Read the fields of a large entry that are in its extra field, in the order of the standard. */
function readLarge(entry: ZipEntry, view: DataView, from: number, end: number): void {
  for (let at = from; at + 4 <= end;) {
    const next = at + 4 + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) {
      let value = at + 4;
      for (const field of ["size", "compressed", "offset"] as const) {
        if (entry[field] !== ELSEWHERE_32 || value + 8 > Math.min(next, end)) continue;
        entry[field] = long(view, value);
        value += 8;
      }
    }
    at = next;
  }
}

async function viewOf(archive: Blob, from: number, bytes: number): Promise<DataView> {
  const part = archive.slice(from, from + bytes);
  if (part.size !== bytes) throw damaged();
  return new DataView(await part.arrayBuffer());
}

function long(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

/** A name; old programs write it in an encoding of their system and do not say which. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

function damaged(): ZipError {
  return new ZipError("It is damaged.");
}
