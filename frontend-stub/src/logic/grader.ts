import type { Grade } from "../api/quiz";
import { SaveQueue } from "./saveQueue";

/**
 * Saves the verdicts of a quiz one step late: a verdict cannot be undone on the server, so the
 * newest one stays here until the next one is given.
 */
export class Grader {
  readonly #queue: SaveQueue<Grade>;
  #held: Grade | null = null;

  constructor(options: ConstructorParameters<typeof SaveQueue<Grade>>[0]) {
    this.#queue = new SaveQueue(options);
  }

  /** Whether some verdicts are not saved yet. */
  get unsaved(): boolean {
    return this.#held !== null || this.#queue.get().unsaved > 0;
  }

  give(grade: Grade): void {
    this.flush();
    this.#held = grade;
  }

  /** Discard the newest verdict; returns whether there was one. */
  takeBack(): boolean {
    const held = this.#held !== null;
    this.#held = null;
    return held;
  }

  /** Save the newest verdict too. */
  flush(): void {
    if (this.#held === null) return;
    this.#queue.say([this.#held]);
    this.#held = null;
  }
}
