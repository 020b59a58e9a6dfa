import { deflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { ZipError, entriesOf, unpack } from "./zip";

interface Member {
  path: string;
  text: string;
  method?: number;
  flags?: number;
  /** A size in the directory that is not the true one. */
  said?: number;
  /** Whether the directory has its sizes in fields of 64 bits. */
  large?: boolean;
}

const FULL = 0xffffffff;

function bytes(...fields: [bits: 16 | 32 | 64, value: number][]): Buffer {
  const buffer = Buffer.alloc(fields.reduce((sum, [bits]) => sum + bits / 8, 0));
  let at = 0;
  for (const [bits, value] of fields) {
    if (bits === 64) buffer.writeBigUInt64LE(BigInt(value), at);
    else buffer.writeUIntLE(value, at, bits / 8);
    at += bits / 8;
  }
  return buffer;
}

/** An archive of these files, with a comment at its end. */
function zip(members: Member[], { large = false, comment = "" } = {}): Blob {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { path, text, method = 8, flags = 0, said, large: isLarge = false } of members) {
    const name = Buffer.from(path);
    const packed = method === 8 ? deflateRawSync(text) : Buffer.from(text);
    const size = said ?? Buffer.byteLength(text);
    const extra = isLarge
      ? bytes([16, 1], [16, 24], [64, size], [64, packed.length], [64, offset])
      : Buffer.alloc(0);
    const local = bytes(
      [32, 0x04034b50],
      [16, 20],
      [16, flags],
      [16, method],
      [32, 0],
      [32, 0],
      [32, packed.length],
      [32, size],
      [16, name.length],
      [16, 4],
    );
    // The extra field of a local header may have another length than that in the directory.
    parts.push(local, name, Buffer.from([9, 9, 0, 0]), packed);
    directory.push(
      bytes(
        [32, 0x02014b50],
        [16, 20],
        [16, 20],
        [16, flags],
        [16, method],
        [32, 0],
        [32, 0],
        [32, isLarge ? FULL : packed.length],
        [32, isLarge ? FULL : size],
        [16, name.length],
        [16, extra.length],
        [16, 3],
        [16, 0],
        [16, 0],
        [32, 0],
        [32, isLarge ? FULL : offset],
      ),
      name,
      extra,
      Buffer.from("why"),
    );
    offset += local.length + name.length + 4 + packed.length;
  }
  const entries = Buffer.concat(directory);
  const end64 = bytes(
    [32, 0x06064b50],
    [64, 44],
    [16, 45],
    [16, 45],
    [32, 0],
    [32, 0],
    [64, members.length],
    [64, members.length],
    [64, entries.length],
    [64, offset],
  );
  const locator = bytes([32, 0x07064b50], [32, 0], [64, offset + entries.length], [32, 1]);
  const end = bytes(
    [32, 0x06054b50],
    [16, 0],
    [16, 0],
    [16, large ? 0xffff : members.length],
    [16, large ? 0xffff : members.length],
    [32, large ? FULL : entries.length],
    [32, large ? FULL : offset],
    [16, comment.length],
  );
  const tail = large ? [end64, locator, end] : [end];
  return new Blob(
    [...parts, entries, ...tail, Buffer.from(comment)].map((part) => new Uint8Array(part)),
  );
}

async function contents(archive: Blob): Promise<Record<string, string>> {
  const entries = await entriesOf(archive);
  const texts = entries.map(async (entry) => [
    entry.path,
    await (await unpack(archive, entry)).text(),
  ]);
  return Object.fromEntries((await Promise.all(texts)) as [string, string][]);
}

const files: Member[] = [
  { path: "Soups/", text: "", method: 0 },
  { path: "Soups/crème 1.jpg", text: "soup ".repeat(10_000) },
  { path: "Desserts\\2.jpg", text: "stored", method: 0 },
  { path: "empty.jpg", text: "" },
];
const unpacked = {
  "Soups/crème 1.jpg": "soup ".repeat(10_000),
  "Desserts/2.jpg": "stored",
  "empty.jpg": "",
};

test("the files of an archive are unpacked, whether deflated or stored", async () => {
  expect(await contents(zip(files))).toEqual(unpacked);
  expect(await contents(zip(files, { comment: "made on a Tuesday" }))).toEqual(unpacked);
});

test("archives with fields of 64 bits are read", async () => {
  const large = files.map((file) => ({ ...file, large: true }));

  expect(await contents(zip(large, { large: true }))).toEqual(unpacked);
});

test("encrypted files, unknown methods and wrong sizes are refused, file by file", async () => {
  const archive = zip([
    { path: "secret.jpg", text: "x", flags: 1 },
    { path: "bzip2.jpg", text: "x", method: 12 },
    { path: "bomb.jpg", text: "0".repeat(1_000_000), said: 1_000 },
    { path: "short.jpg", text: "x", said: 2 },
    { path: "good.jpg", text: "photo" },
  ]);
  const told: string[] = [];

  for (const entry of await entriesOf(archive)) {
    const outcome = await unpack(archive, entry).then(
      (blob) => blob.text(),
      (error: unknown) => (error instanceof ZipError ? error.message : "another error"),
    );
    told.push(`${entry.path}: ${outcome}`);
  }

  expect(told).toEqual([
    "secret.jpg: It is encrypted.",
    "bzip2.jpg: Its compression is not supported.",
    "bomb.jpg: It is damaged.",
    "short.jpg: It is damaged.",
    "good.jpg: photo",
  ]);
});

test("what is no archive, or was cut off, is refused", async () => {
  const whole = zip(files);
  const refused = (blob: Blob): Promise<void> => expect(entriesOf(blob)).rejects.toThrow(ZipError);

  await refused(new Blob([]));
  await refused(new Blob(["a photo, and no archive"]));
  await refused(whole.slice(0, whole.size - 30));
  await refused(whole.slice(100));
});

test("an archive of which any byte is wrong is read or refused, and nothing else happens", async () => {
  const good = new Uint8Array(await zip(files.slice(2)).arrayBuffer());

  for (let at = 0; at < good.length; at++) {
    const bad = new Blob([good.with(at, (good[at] ?? 0) ^ 0xff)]);
    const outcome = await contents(bad).then(
      () => "read",
      (error: unknown) => (error instanceof ZipError ? "refused" : String(error)),
    );
    expect(outcome, `byte ${at}`).toMatch(/^(read|refused)$/);
  }
});
