import type { Sample } from "../api/samples";
import { Watchable } from "./watchable";

export type SampleLabel = { id: string; name: string };

/**
 * The samples that this page knows, each once, whichever list shows it.
 *
 * The state is a number that grows with each change. What a person has said and the server does
 * not know yet (`isUnsaved`) is never overwritten by what the server still believes.
 */
export class SampleStore extends Watchable<number> {
  readonly #samples = new Map<string, Sample>();
  readonly #hidden = new Set<string>();
  readonly #isUnsaved: (id: string) => boolean;

  constructor(isUnsaved: (id: string) => boolean = () => false) {
    super(0);
    this.#isUnsaved = isUnsaved;
  }

  sample(id: string): Sample | undefined {
    return this.#samples.get(id);
  }

  /** How many samples are known. */
  get size(): number {
    return this.#samples.size;
  }

  /** Let go of samples that nobody looks at, but not of what the server does not know yet. */
  forget(ids: readonly (string | undefined)[]): void {
    for (const id of ids) {
      if (id !== undefined && !this.#isUnsaved(id)) this.#samples.delete(id);
    }
  }

  put(samples: Sample[]): void {
    for (const sample of samples) {
      const known = this.#samples.get(sample.id);
      const kept = known !== undefined && this.#isUnsaved(sample.id) ? known : null;
      this.#samples.set(sample.id, kept ? { ...sample, annotation: kept.annotation } : sample);
    }
    this.#changed();
  }

  /** Annotate, as the server will: unless told, only the same label stays confirmed. */
  annotate(ids: string[], label: SampleLabel | null, confirmed?: boolean): void {
    for (const id of ids) {
      const sample = this.#samples.get(id);
      if (sample === undefined) continue;
      const before = sample.annotation;
      const predicted = sample.crossValidated?.label.id;
      const holds = confirmed ?? (before?.label.id === label?.id && before?.confirmed === true);
      this.#samples.set(id, {
        ...sample,
        annotation: label && { label, confirmed: holds },
        disputed: label !== null && !holds && predicted !== undefined && predicted !== label.id,
      });
    }
    this.#changed();
  }

  /** Show samples as deleted, before they are. */
  hide(ids: string[]): void {
    for (const id of ids) this.#hidden.add(id);
    this.#changed();
  }

  show(ids: string[]): void {
    for (const id of ids) this.#hidden.delete(id);
    this.#changed();
  }

  isHidden(id: string): boolean {
    return this.#hidden.has(id);
  }

  #changed(): void {
    this.become(this.get() + 1);
  }
}
