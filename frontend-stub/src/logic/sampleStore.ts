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
  /** The labels that the server is known to have, and those that this page saved last. */
  readonly #onServer = new Map<string, string | null>();
  readonly #saved = new Map<string, string | null>();
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
      if (id === undefined || this.#isUnsaved(id)) continue;
      this.#samples.delete(id);
      this.#onServer.delete(id);
    }
  }

  put(samples: Sample[]): void {
    for (const sample of samples) {
      const known = this.#samples.get(sample.id);
      const kept = known !== undefined && this.#isUnsaved(sample.id) ? known : null;
      this.#onServer.set(sample.id, sample.annotation?.label.id ?? null);
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

  /** The label that the server has of a sample as far as this page knows; undefined if it does not. */
  onServer(id: string): string | null | undefined {
    return this.#onServer.get(id);
  }

  /** Whether a sample's label is the one that this page saved last. */
  isOurs(id: string, labelId: string | null): boolean {
    return this.#saved.get(id) === labelId;
  }

  /** Note what the server has of a sample, from this page or not. */
  note(id: string, labelId: string | null, by: "us" | "others"): void {
    this.#onServer.set(id, labelId);
    if (by === "us") this.#saved.set(id, labelId);
  }

  /** Show what somebody else said of a sample, whatever was said here. */
  overrule(id: string, annotation: Sample["annotation"]): void {
    this.note(id, annotation?.label.id ?? null, "others");
    this.annotate([id], annotation?.label ?? null, annotation?.confirmed);
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
