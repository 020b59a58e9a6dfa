/** An action that can be undone. */
export interface Step {
  /** Such as `3 photos annotated as Soups`. */
  done: string;
  undo: () => void;
}

const DEEPEST = 200;

/** The actions that can be undone, newest last; the oldest ones are dropped. */
export class UndoStack {
  #steps: Step[] = [];

  get depth(): number {
    return this.#steps.length;
  }

  push(step: Step): void {
    this.#steps.push(step);
    if (this.#steps.length > DEEPEST) this.#steps.shift();
  }

  /** Undo the newest action; returns it, or undefined if there is none. */
  undo(): Step | undefined {
    const step = this.#steps.pop();
    step?.undo();
    return step;
  }

  /** Undo this action, wherever it is; does nothing if it was undone before. */
  undoOne(step: Step): void {
    const at = this.#steps.indexOf(step);
    if (at < 0) return;
    this.#steps.splice(at, 1);
    step.undo();
  }
}
