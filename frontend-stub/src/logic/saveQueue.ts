import { canWorkLater } from "../api/failure";
import { backOff } from "./backOff";
import { Watchable } from "./watchable";

export interface QueueState {
  /** Annotations that are not saved yet. */
  unsaved: number;
  /** Whether the last attempt failed because there was no server or no session. */
  stuck: boolean;
}

interface Options<Item> {
  save: (said: Item[]) => Promise<void>;
  /** Called for annotations that the server refused; they are not retried. */
  refused: (said: Item[], failure: unknown) => void;
  largest?: number;
  /** How long to wait before attempt `n` (1 for the first repeat). */
  wait?: (attempt: number) => Promise<void>;
}

/**
 * Saves annotations in the order in which they were made, without delaying the next key press.
 *
 * There is one request at a time; annotations made meanwhile form the next one, with only the last
 * for each sample. So the load follows the server's pace, and nothing is lost while it is away.
 */
export class SaveQueue<Item extends { sampleId: string }> extends Watchable<QueueState> {
  readonly #options: Required<Options<Item>>;
  readonly #waiting = new Map<string, Item>();
  #sending: Item[] = [];
  #idle: Promise<void> = Promise.resolve();
  #running = false;

  constructor(options: Options<Item>) {
    super({ unsaved: 0, stuck: false });
    this.#options = { largest: 100, wait: backOff, ...options };
  }

  say(said: Item[]): void {
    for (const one of said) {
      this.#waiting.delete(one.sampleId);
      this.#waiting.set(one.sampleId, one);
    }
    this.#tell(this.get().stuck);
    if (!this.#running) this.#idle = this.#drain();
  }

  /** Discard the unsaved annotation of a sample. */
  forget(sampleId: string): void {
    this.#waiting.delete(sampleId);
  }

  /** Whether a sample has an annotation that is not saved yet. */
  holds(sampleId: string): boolean {
    return this.#waiting.has(sampleId) || this.#sending.some((said) => said.sampleId === sampleId);
  }

  /** Resolves once nothing is left to send. */
  flushed(): Promise<void> {
    return this.#idle;
  }

  async #drain(): Promise<void> {
    this.#running = true;
    while (this.#waiting.size > 0) {
      this.#sending = [...this.#waiting.values()].slice(0, this.#options.largest);
      for (const { sampleId } of this.#sending) this.#waiting.delete(sampleId);
      await this.#send();
      this.#sending = [];
      this.#tell(false);
    }
    this.#running = false;
  }

  async #send(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#options.save(this.#sending);
        return;
      } catch (error) {
        if (!canWorkLater(error)) {
          this.#options.refused(this.#sending, error);
          return;
        }
        this.#tell(true);
        await this.#options.wait(attempt);
      }
    }
  }

  #tell(stuck: boolean): void {
    this.become({ unsaved: this.#waiting.size + this.#sending.length, stuck });
  }
}
