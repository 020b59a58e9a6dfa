import { Failure, canWorkLater, describe } from "../api/failure";
import { backOff } from "./backOff";
import { Watchable } from "./watchable";

/** A picture to upload. */
export interface Upload {
  file: File;
  /** A label to annotate it with, such as the name of its folder. */
  labelName?: string | undefined;
}

/** The outcome of one picture. */
export interface Outcome {
  duplicate: boolean;
  error: string | null;
  /** Whether the same picture can succeed later without a change. */
  canWorkLater: boolean;
}

export interface UploadState {
  total: number;
  /** Finished, successfully or not. */
  done: number;
  added: number;
  duplicates: number;
  failed: { upload: Upload; why: string; canWorkLater: boolean }[];
  /** Whether some are still waiting or being sent. */
  active: boolean;
}

interface Options {
  send: (uploads: Upload[]) => Promise<Outcome[]>;
  atOnce?: number;
  batchCount?: number;
  batchBytes?: number;
  attempts?: number;
  wait?: (attempt: number) => Promise<void>;
}

const nothing: UploadState = {
  total: 0,
  done: 0,
  added: 0,
  duplicates: 0,
  failed: [],
  active: false,
};

/**
 * Uploads pictures in small batches, several at once, and counts them.
 *
 * A batch that finds no server is retried; a picture that the server refuses fails on its own.
 * `retry` sends pictures again that can succeed later.
 */
export class UploadQueue extends Watchable<UploadState> {
  readonly #options: Required<Options>;
  #waiting: Upload[] = [];
  #running = 0;

  constructor(options: Options) {
    super(nothing);
    this.#options = {
      atOnce: 3,
      batchCount: 8,
      batchBytes: 8_000_000,
      attempts: 4,
      wait: backOff,
      ...options,
    };
  }

  add(uploads: Upload[]): void {
    if (uploads.length === 0) return;
    // New files after the end of all uploads start a new count.
    const before = this.get().active ? this.get() : nothing;
    this.#waiting.push(...uploads);
    this.become({ ...before, total: before.total + uploads.length, active: true });
    this.#start();
  }

  retry(): void {
    const { done, failed } = this.get();
    const again = failed.filter(({ canWorkLater: can }) => can).map(({ upload }) => upload);
    const hopeless = failed.filter(({ canWorkLater: can }) => !can);
    this.become({ ...this.get(), done: done - again.length, failed: hopeless });
    this.#waiting.push(...again);
    if (again.length > 0) this.become({ ...this.get(), active: true });
    this.#start();
  }

  /** Cancel waiting pictures; those being sent are completed. */
  cancel(): void {
    this.become({ ...this.get(), total: this.get().total - this.#waiting.length });
    this.#waiting = [];
    this.#end();
  }

  /** Clear the last result. */
  dismiss(): void {
    if (!this.get().active) this.become(nothing);
  }

  #start(): void {
    while (this.#running < this.#options.atOnce && this.#waiting.length > 0) {
      this.#running++;
      void this.#send(this.#takeBatch()).then(() => {
        this.#running--;
        this.#start();
        this.#end();
      });
    }
  }

  #end(): void {
    if (this.#running === 0 && this.#waiting.length === 0 && this.get().active) {
      this.become({ ...this.get(), active: false });
    }
  }

  #takeBatch(): Upload[] {
    const { batchCount, batchBytes } = this.#options;
    let taken = 0;
    let bytes = 0;
    for (const { file } of this.#waiting) {
      if (taken > 0 && (taken === batchCount || bytes + file.size > batchBytes)) break;
      taken++;
      bytes += file.size;
    }
    return this.#waiting.splice(0, taken);
  }

  async #send(batch: Upload[]): Promise<void> {
    try {
      this.#count(batch, await this.#persist(batch));
    } catch (error) {
      this.#count(
        batch,
        batch.map(() => ({
          duplicate: false,
          error: describe(error),
          canWorkLater: canWorkLater(error),
        })),
      );
    }
  }

  async #persist(batch: Upload[]): Promise<Outcome[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#options.send(batch);
      } catch (error) {
        const away = error instanceof Failure && error.kind === "unreachable";
        if (!away || attempt === this.#options.attempts) throw error;
        await this.#options.wait(attempt);
      }
    }
  }

  #count(batch: Upload[], outcomes: Outcome[]): void {
    const failed = [...this.get().failed];
    let { added, duplicates } = this.get();
    batch.forEach((upload, index) => {
      const outcome = outcomes[index] ?? {
        duplicate: false,
        error: "The server did not say what became of it.",
        canWorkLater: true,
      };
      if (outcome.error !== null)
        failed.push({ upload, why: outcome.error, canWorkLater: outcome.canWorkLater });
      else if (outcome.duplicate) duplicates++;
      else added++;
    });
    this.become({ ...this.get(), done: this.get().done + batch.length, added, duplicates, failed });
  }
}
