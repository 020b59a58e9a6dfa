import { Failure, canWorkLater, passes } from "../api/failure";
import { type Invocation, fetchInvocation, invoke } from "../api/invocations";
import { STOPPED, Turns } from "../logic/turns";
import { Watchable } from "../logic/watchable";
import { thumbnailOf } from "../parts/thumbnail";

/** An invoked photo. */
export interface Asked {
  key: number;
  /** The file's name. */
  name: string;
  preview: string;
  /** A small copy as a data URL; empty until it is answered, and if the browser cannot read it. */
  thumbnail: string;
  /** Null after a reload of the page, which keeps no files. */
  file: File | null;
  invocation: Invocation | null;
  failure: unknown;
  /** The label from feedback. */
  said: string | null;
}

/** The part of it that survives a reload of the page. */
interface Kept {
  name: string;
  preview: string;
  invocationId: string;
  said: string | null;
}

/** The number of photos that survive a reload. */
const KEPT = 20;

/** Whether a photo without an answer can get one without a change. */
export function canAskAgain({ file, failure }: Asked): boolean {
  if (file === null || failure === null) return false;
  const passesByItself =
    failure instanceof Failure && failure.code !== null && passes(failure.code);
  return failure === STOPPED || canWorkLater(failure) || passesByItself;
}

/**
 * The photos of invocations, last added first; this tab keeps the last ones over a reload.
 *
 * A few are asked about at once. `turns` says whether the server has asked for a pause.
 */
export class AskHistory extends Watchable<readonly Asked[]> {
  readonly #functionId: string;
  readonly turns = new Turns();
  #made = 0;
  #restored = false;

  constructor(functionId: string) {
    super([]);
    this.#functionId = functionId;
  }

  /** Whether photos are still waiting for their answers. */
  get isBusy(): boolean {
    return this.get().some(({ file, invocation, failure }) => file && !invocation && !failure);
  }

  /** Invoke on photos; resolves with each invocation, or null if it failed. */
  ask(files: readonly File[]): Promise<Invocation | null>[] {
    const added = files.map((file) => ({
      key: ++this.#made,
      name: file.name,
      preview: URL.createObjectURL(file),
      thumbnail: "",
      file,
      invocation: null,
      failure: null,
      said: null,
    }));
    this.become([...added, ...this.get()]);
    return added.map(({ key, file }) => this.#ask(key, file));
  }

  /** Invoke on a photo again. */
  again({ key, file }: Asked): void {
    if (file !== null) void this.#ask(key, file);
  }

  /** Remove those that are not waiting for an answer. */
  clear(): void {
    this.become(this.get().filter(({ invocation, failure }) => !invocation && !failure));
    this.#keep();
  }

  /** Store the feedback on a photo. */
  say(key: number, label: string | null): void {
    this.#update(key, { said: label });
    this.#keep();
  }

  /** Restore the invocations of this tab from before the page was loaded. */
  restore(): void {
    if (this.#restored) return;
    this.#restored = true;
    for (const { invocationId, ...kept } of this.#read()) {
      const key = ++this.#made;
      const thumbnail = kept.preview;
      const one = { key, ...kept, thumbnail, file: null, invocation: null, failure: null };
      this.become([...this.get(), one]);
      fetchInvocation(invocationId).then(
        (invocation) =>
          this.#update(key, { invocation, failure: invocation ? null : "This answer is gone." }),
        (failure: unknown) => this.#update(key, { failure }),
      );
    }
  }

  async #ask(key: number, file: File): Promise<Invocation | null> {
    this.#update(key, { failure: null });
    try {
      const invocation = await this.turns.run(() => invoke(this.#functionId, file));
      const thumbnail = await thumbnailOf(file);
      this.#update(key, { invocation, thumbnail });
      this.#keep();
      return invocation;
    } catch (failure) {
      this.#update(key, { failure });
      return null;
    }
  }

  #update(key: number, change: Partial<Asked>): void {
    this.become(this.get().map((one) => (one.key === key ? { ...one, ...change } : one)));
  }

  get #place(): string {
    return `pigeonhole-asked-${this.#functionId}`;
  }

  #read(): Kept[] {
    try {
      return JSON.parse(sessionStorage.getItem(this.#place) ?? "[]") as Kept[];
    } catch {
      return [];
    }
  }

  #keep(): void {
    const kept: Kept[] = [];
    for (const { name, thumbnail: preview, invocation, said } of this.get()) {
      if (kept.length === KEPT) break;
      if (invocation !== null) kept.push({ name, preview, invocationId: invocation.id, said });
    }
    try {
      sessionStorage.setItem(this.#place, JSON.stringify(kept));
    } catch {
      // Without storage in the browser, they are shown until the page is left.
    }
  }
}
