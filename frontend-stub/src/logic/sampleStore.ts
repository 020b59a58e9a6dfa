import type { Sample } from "../api/samples";
import { Watchable } from "./watchable";

export type SampleLabel = { id: string; name: string };
type Annotation = NonNullable<Sample["annotation"]>;

/**
 * The samples that this page has loaded, each one once, whichever lists show it.
 *
 * The state is a number that grows with each change. An annotation that is not saved yet
 * (`isUnsaved`) is never overwritten by an older one from the server.
 */
export class SampleStore extends Watchable<number> {
  readonly #samples = new Map<string, Sample>();
  /** The labels on the server as far as known, and those that this page saved last. */
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

  /** The number of loaded samples. */
  get size(): number {
    return this.#samples.size;
  }

  /** Drop samples that are not in view, except unsaved ones. */
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

  /** Annotate as the server does: by default, a confirmation stays only with the same label. */
  annotate(
    ids: string[],
    label: SampleLabel | null,
    confirmed?: boolean,
    source: Annotation["source"] = "PERSON",
  ): void {
    for (const id of ids) {
      const sample = this.#samples.get(id);
      if (sample === undefined) continue;
      const before = sample.annotation;
      const predicted = sample.crossValidated?.label.id;
      const holds = confirmed ?? (before?.label.id === label?.id && before?.confirmed === true);
      this.#samples.set(id, {
        ...sample,
        annotation: label && { label, source, confirmed: holds },
        disputed: label !== null && !holds && predicted !== undefined && predicted !== label.id,
      });
    }
    this.#changed();
  }

  /** The label of a sample on the server as far as known; undefined if unknown. */
  onServer(id: string): string | null | undefined {
    return this.#onServer.get(id);
  }

  /** Whether a sample's label is the one that this page saved last. */
  isOurs(id: string, labelId: string | null): boolean {
    return this.#saved.get(id) === labelId;
  }

  /** Store the server's label of a sample, whoever set it. */
  note(id: string, labelId: string | null, by: "us" | "others"): void {
    this.#onServer.set(id, labelId);
    if (by === "us") this.#saved.set(id, labelId);
  }

  /** Show somebody else's annotation of a sample, in place of one made here. */
  overrule(id: string, annotation: Sample["annotation"]): void {
    this.note(id, annotation?.label.id ?? null, "others");
    const { label = null, confirmed, source } = annotation ?? {};
    this.annotate([id], label, confirmed, source);
  }

  /** Show samples as deleted before the server has deleted them. */
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
