import { type Invocation, fetchInvocation, invoke } from "../api/invocations";
import { Watchable } from "../logic/watchable";
import { thumbnailOf } from "../parts/thumbnail";

/** An invoked photo. */
export interface Asked {
  key: number;
  /** The file's name. */
  name: string;
  preview: string;
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

/** The photos of invocations, newest first; this tab keeps the last ones over a reload. */
export class AskHistory extends Watchable<readonly Asked[]> {
  readonly #functionId: string;
  readonly #thumbnails = new Map<number, string>();
  #made = 0;
  #restored = false;

  constructor(functionId: string) {
    super([]);
    this.#functionId = functionId;
  }

  /** Invoke on photos; resolves with each invocation, or null if it failed. */
  ask(files: readonly File[]): Promise<Invocation | null>[] {
    return files.map((file) => {
      const one: Asked = {
        key: ++this.#made,
        name: file.name,
        preview: URL.createObjectURL(file),
        file,
        invocation: null,
        failure: null,
        said: null,
      };
      this.become([one, ...this.get()]);
      return this.#ask(one.key, file);
    });
  }

  /** Invoke on a photo again. */
  again({ key, file }: Asked): void {
    if (file !== null) void this.#ask(key, file);
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
      this.#thumbnails.set(key, kept.preview);
      this.become([...this.get(), { key, ...kept, file: null, invocation: null, failure: null }]);
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
      const invocation = await invoke(this.#functionId, file);
      this.#thumbnails.set(key, await thumbnailOf(file));
      this.#update(key, { invocation });
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
    const kept = this.get().flatMap(({ key, name, invocation, said }): Kept[] => {
      const preview = this.#thumbnails.get(key) ?? "";
      return invocation ? [{ name, preview, invocationId: invocation.id, said }] : [];
    });
    try {
      sessionStorage.setItem(this.#place, JSON.stringify(kept.slice(0, KEPT)));
    } catch {
      // Without storage in the browser, they are shown until the page is left.
    }
  }
}
