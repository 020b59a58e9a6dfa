import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import type { Server } from "./server";

const ADD_SAMPLES =
  "mutation($input: AddSamplesInput!) { addSamples(input: $input) { createdCount } }";
const root = path.resolve(import.meta.dirname, "../..");

export const python = process.env["PYTHON"] ?? path.join(root, ".venv/bin/python");

/** Photos in one folder per label. */
export class Photos {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** The ten handwritten digits. */
  static async digits(perDigit: number): Promise<Photos> {
    const folder = mkdtempSync(path.join(tmpdir(), "pigeonhole-digits-"));
    const script = path.join(import.meta.dirname, "digits.py");
    await promisify(execFile)(python, [script, folder, String(perDigit)]);
    return new Photos(folder);
  }

  get labels(): string[] {
    return readdirSync(this.folder).sort();
  }

  /** Paths of photos of one label. */
  of(label: string, from = 0, to?: number): string[] {
    const names = readdirSync(path.join(this.folder, label)).sort().slice(from, to);
    return names.map((name) => path.join(this.folder, label, name));
  }

  /** Return this many photos of each of these labels. */
  each(count: number, labels = this.labels): string[] {
    return labels.flatMap((label) => this.of(label, 0, count));
  }
}

/** Drop files on the page, as a person does with the mouse. */
export async function drop(page: Page, paths: string[]): Promise<void> {
  const files = paths.map((file) => ({
    name: path.basename(file),
    base64: readFileSync(file).toString("base64"),
  }));
  const transfer = await page.evaluateHandle((all) => {
    const data = new DataTransfer();
    for (const { name, base64 } of all) {
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      const type = name.endsWith(".png") ? "image/png" : "image/jpeg";
      data.items.add(new File([bytes], name, { type }));
    }
    return data;
  }, files);
  const target = page.locator("body");
  await target.dispatchEvent("dragover", { dataTransfer: transfer });
  await target.dispatchEvent("drop", { dataTransfer: transfer });
}

/** Drop files and folders by path, which the browser reads as if dropped with the mouse. */
export async function dropPaths(page: Page, paths: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await session.send("Input.dispatchDragEvent", { type, x: 400, y: 400, data });
  }
  await session.detach();
}

/** Create a function without photos by the API. */
export async function named(server: Server, name: string, labels: string[]): Promise<string> {
  const made = await server.ask<{ createFunction: { function: { id: string } } }>(
    "mutation($input: CreateFunctionInput!) { createFunction(input: $input) { function { id } } }",
    { input: { name, labels } },
  );
  return made.createFunction.function.id;
}

/** Create a function with annotated photos by the API, for tests of later steps. */
export async function taught(
  server: Server,
  name: string,
  photos: Photos,
  perLabel: number,
  labels = photos.labels,
): Promise<string> {
  const functionId = await named(server, name, labels);
  for (const label of labels) {
    await addAnnotated(server, functionId, label, photos.of(label, 0, perLabel));
  }
  return functionId;
}

/** Add photos with a label, which need not be the right one. */
export async function addAnnotated(
  server: Server,
  functionId: string,
  labelName: string,
  paths: string[],
): Promise<void> {
  const samples = paths.map((file) => ({
    image: { dataUri: dataUri(file) },
    annotation: { labelName },
  }));
  await server.ask(ADD_SAMPLES, { input: { functionId, samples } });
}

/** Create a function with photos without annotations, named `row 0`, `row 1`, ... */
export async function withMany(server: Server, name: string, many: number): Promise<string> {
  const functionId = await taught(server, name, new Photos(""), 0, []);
  const script = path.join(import.meta.dirname, "many.py");
  await promisify(execFile)(python, [script, server.folder, functionId, String(many)]);
  return functionId;
}

/** Add photos without annotations. */
export async function addUnknown(
  server: Server,
  functionId: string,
  paths: string[],
): Promise<void> {
  const samples = paths.map((file) => ({ image: { dataUri: dataUri(file) } }));
  await server.ask(ADD_SAMPLES, { input: { functionId, samples } });
}

/** Add near-duplicates of these files, with different bytes. */
export async function addCopies(
  server: Server,
  functionId: string,
  labelName: string,
  paths: string[],
): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "pigeonhole-copies-"));
  const copies = paths.map((file) => {
    const copy = path.join(folder, path.basename(file));
    writeFileSync(copy, Buffer.concat([readFileSync(file), Buffer.from("again")]));
    return copy;
  });
  await addAnnotated(server, functionId, labelName, copies);
}

interface SamplesAnswer {
  functions: {
    nodes: { samples: { nodes: { id: string; image: { sha256: string } }[] } }[];
  };
}

/** Return the right label of each sample of the only function, by the bytes of its picture. */
export async function truthOf(server: Server, photos: Photos): Promise<Map<string, string>> {
  const labelOf = new Map<string, string>();
  for (const label of photos.labels) {
    for (const file of photos.of(label)) {
      labelOf.set(createHash("sha256").update(readFileSync(file)).digest("hex"), label);
    }
  }
  const { functions } = await server.ask<SamplesAnswer>(
    "{ functions { nodes { samples(first: 100) { nodes { id image { sha256 } } } } } }",
  );
  const samples = functions.nodes.flatMap((fn) => fn.samples.nodes);
  return new Map(samples.map(({ id, image }) => [id, labelOf.get(image.sha256) ?? ""]));
}

function dataUri(file: string): string {
  const type = file.endsWith(".png") ? "image/png" : "image/jpeg";
  return `data:${type};base64,${readFileSync(file).toString("base64")}`;
}
