import { Failure } from "../api/failure";
import { Watchable } from "./watchable";

/** Why a task did not run to its end: somebody stopped all of them. */
export const STOPPED = "Stopped before it was asked.";

interface Options {
  atOnce?: number;
  /** Attempts of a task while the server does not answer. */
  attempts?: number;
  wait?: (ms: number) => Promise<void>;
}

const LONGEST_WAIT_S = 120;

/**
 * Runs tasks in turn, a few at once.
 *
 * When the server asks for a pause, all tasks wait for as long as it says, and the refused one is
 * repeated. A task that finds no server is repeated a few times. The state is whether they pause.
 */
export class Turns extends Watchable<"running" | "paused"> {
  readonly #options: Required<Options>;
  readonly #waiting: { start: () => void; refuse: (why: string) => void }[] = [];
  #running = 0;
  #stops = 0;
  #pause: Promise<void> | null = null;
  #endPause: () => void = () => undefined;

  constructor(options: Options = {}) {
    super("running");
    this.#options = { atOnce: 4, attempts: 4, wait: sleep, ...options };
  }

  /** Run a task when it is its turn; rejects with `STOPPED` if it is stopped before. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running < this.#options.atOnce) this.#running++;
    else
      await new Promise<void>((start, refuse) => {
        this.#waiting.push({ start, refuse });
      });
    try {
      return await this.#persist(task);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next.start();
    }
  }

  /** Stop the tasks that wait; those that are running are completed. */
  stop(): void {
    this.#stops++;
    for (const { refuse } of this.#waiting.splice(0)) refuse(STOPPED);
    this.#endPause();
  }

  async #persist<T>(task: () => Promise<T>): Promise<T> {
    const stops = this.#stops;
    let attempt = 1;
    for (;;) {
      while (this.#pause !== null) await this.#pause;
      if (this.#stops > stops) throw STOPPED as unknown;
      try {
        return await task();
      } catch (error) {
        if (asksForPause(error)) this.#wait(error.retryAfterS ?? 1);
        else if (!isAway(error) || attempt++ === this.#options.attempts) throw error;
        else this.#wait(2 ** (attempt - 2));
      }
    }
  }

  /** Make all tasks wait; a pause that has begun is not made longer. */
  #wait(seconds: number): void {
    if (this.#pause !== null) return;
    const ms = 1000 * Math.min(LONGEST_WAIT_S, seconds);
    const ended = new Promise<void>((resolve) => (this.#endPause = resolve));
    this.#pause = Promise.race([this.#options.wait(ms), ended]).then(() => {
      this.#pause = null;
      this.become("running");
    });
    this.become("paused");
  }
}

function asksForPause(error: unknown): error is Failure {
  return error instanceof Failure && (error.code === "RATE_LIMITED" || error.code === "OVERLOADED");
}

function isAway(error: unknown): boolean {
  return error instanceof Failure && error.kind === "unreachable";
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
