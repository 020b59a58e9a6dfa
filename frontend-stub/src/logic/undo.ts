/** Something that was done and can be taken back. */
export interface Step {
  /** Such as `3 photos annotated as Soups`. */
  done: string;
  undo: () => void;
}

const DEEPEST = 200;

/** What can be undone, newest last; the oldest fall off. */
export class UndoStack {
  #steps: Step[] = [];

  get depth(): number {
    return this.#steps.length;
  }

  push(step: Step): void {
    this.#steps.push(step);
    if (this.#steps.length > DEEPEST) this.#steps.shift();
  }

  /** Take back the newest step; it, or undefined when there is none. */
  undo(): Step | undefined {
    const step = this.#steps.pop();
    step?.undo();
    return step;
  }

  /** Take back this one, wherever it lies; nothing when it was undone before. */
  undoOne(step: Step): void {
    const at = this.#steps.indexOf(step);
    if (at < 0) return;
    this.#steps.splice(at, 1);
    step.undo();
  }
}
