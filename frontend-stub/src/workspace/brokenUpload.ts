import { type BrokenOff, UploadMemory } from "../logic/brokenOff";
import type { UploadQueue } from "../logic/uploadQueue";
import { Watchable } from "../logic/watchable";

/** How often a running upload is stored, even if no photo was completed meanwhile. */
const KEEP_EVERY_MS = 20_000;

/** The browser's storage, which some settings of browsers refuse when it is used. */
const storage = {
  getItem: (key: string) => localStorage.getItem(key),
  setItem: (key: string, value: string) => localStorage.setItem(key, value),
  removeItem: (key: string) => localStorage.removeItem(key),
};

/** An earlier upload that a closed tab broke off; null if there is none, or another has started. */
export class BrokenUpload extends Watchable<BrokenOff | null> {
  readonly #memory: UploadMemory;
  readonly #uploads: UploadQueue;
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(functionId: string, uploads: UploadQueue) {
    const memory = new UploadMemory(storage, functionId);
    super(memory.read());
    this.#memory = memory;
    this.#uploads = uploads;
    uploads.watch(() => (uploads.get().active ? this.#remember() : this.#end()));
  }

  /** Forget the broken upload. */
  dismiss(): void {
    this.#memory.forget();
    this.become(null);
  }

  #remember(): void {
    if (this.#timer === null) {
      this.#timer = setInterval(() => this.#memory.keep(this.#uploads.get()), KEEP_EVERY_MS);
      window.addEventListener("pagehide", this.#leave);
      this.become(null);
    }
    this.#memory.keep(this.#uploads.get());
  }

  #end(): void {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
    window.removeEventListener("pagehide", this.#leave);
    this.#memory.forget();
  }

  readonly #leave = (): void => this.#memory.keep(this.#uploads.get(), true);
}
