import type { Grade } from "../api/quiz";
import { SaveQueue } from "./saveQueue";

/**
 * Saves the grades of a quiz, each one step late: a grade cannot be taken back from the server,
 * so the newest stays here until the next one is given.
 */
export class Grader {
  readonly #queue: SaveQueue<Grade>;
  #held: Grade | null = null;

  constructor(options: ConstructorParameters<typeof SaveQueue<Grade>>[0]) {
    this.#queue = new SaveQueue(options);
  }

  /** Whether the server does not know all grades yet. */
  get unsaved(): boolean {
    return this.#held !== null || this.#queue.get().unsaved > 0;
  }

  give(grade: Grade): void {
    this.flush();
    this.#held = grade;
  }

  /** Forget the newest grade; whether there was one to forget. */
  takeBack(): boolean {
    const held = this.#held !== null;
    this.#held = null;
    return held;
  }

  /** Send the newest grade as well. */
  flush(): void {
    if (this.#held === null) return;
    this.#queue.say([this.#held]);
    this.#held = null;
  }
}
