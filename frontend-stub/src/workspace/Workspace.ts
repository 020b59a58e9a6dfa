import {
  addSamples,
  deleteSamples,
  fetchIds,
  fetchRows,
  fetchSamples,
  AT_ONCE,
  refetchSamples,
  saveAnnotations,
  type Sample,
  type SampleFilter,
  type SampleOrder,
  type Said,
} from "../api/samples";
import { gradeAnswers } from "../api/quiz";
import { Deck, type FetchPage } from "../logic/deck";
import { Grader } from "../logic/grader";
import { drawn } from "../logic/drawn";
import { count } from "../logic/estimate";
import { SampleRows } from "../logic/sampleRows";
import { SampleList } from "../logic/sampleList";
import { type SampleLabel, SampleStore } from "../logic/sampleStore";
import { SaveQueue } from "../logic/saveQueue";
import { type Step, UndoStack } from "../logic/undo";
import { UploadQueue } from "../logic/uploadQueue";
import { announcer, notices } from "../parts/notices";

/** How long a deletion can be taken back. */
const GRACE_MS = 10_000;

/** What the screens of one function share: its samples, and what is being done to them. */
export class Workspace {
  readonly functionId: string;
  readonly store: SampleStore;
  readonly annotations: SaveQueue<Said>;
  readonly grades: Grader;
  readonly uploads: UploadQueue;
  readonly #undo = new UndoStack();
  readonly #deletions = new Map<string[], ReturnType<typeof setTimeout>>();

  constructor(functionId: string) {
    this.functionId = functionId;
    this.annotations = new SaveQueue({
      save: async (said) => {
        await drawn();
        await saveAnnotations(said);
      },
      refused: (said, failure) => {
        notices.fail(failure);
        void this.refresh(said.map(({ sampleId }) => sampleId));
      },
    });
    this.grades = new Grader({
      save: gradeAnswers,
      refused: (_, failure) => notices.fail(failure),
    });
    this.store = new SampleStore((id) => this.annotations.holds(id));
    this.uploads = new UploadQueue({ send: (uploads) => addSamples(functionId, uploads) });
  }

  /** A list of this function's samples. */
  list(filter: SampleFilter, order: SampleOrder): SampleList {
    const { functionId, store } = this;
    return new SampleList(store, (after) => fetchSamples(functionId, filter, order, after));
  }

  /** The rows of a long list of this function's samples. */
  rows(filter: SampleFilter, order: SampleOrder): SampleRows {
    const { functionId, store } = this;
    return new SampleRows(store, {
      samples: (skip, first) => fetchRows(functionId, filter, order, skip, first),
      ids: (skip, first) => fetchIds(functionId, filter, order, skip, first),
    });
  }

  /** What nobody has annotated, one after the other. */
  deck(order: SampleOrder): Deck {
    return new Deck(this.store, this.unannotated(order));
  }

  /** The pages of what nobody has annotated. */
  unannotated(order: SampleOrder): FetchPage {
    return (after) => fetchSamples(this.functionId, { annotated: false }, order, after, 50);
  }

  /** Say what samples are, or with null that nobody knows; `undone` runs when it is taken back. */
  annotate(
    ids: string[],
    label: SampleLabel | null,
    undone?: () => void,
    before = this.#annotations(ids),
  ): Step {
    this.#say(ids, label);
    const what = ids.length === 1 ? "Annotated" : `${count(ids.length, "photo")} annotated`;
    const done =
      label === null ? `${count(ids.length, "annotation")} cleared` : `${what} as ${label.name}`;
    return this.did(done, () => {
      this.#restore(before);
      undone?.();
    });
  }

  /** Annotate samples of which some may not be here: how they were is asked first, for undo. */
  async annotateAll(ids: string[], label: SampleLabel | null): Promise<Step> {
    const absent = ids.filter((id) => this.store.sample(id) === undefined);
    const before = this.#annotations(ids);
    for (let from = 0; from < absent.length; from += AT_ONCE) {
      const samples = await refetchSamples(absent.slice(from, from + AT_ONCE));
      for (const { id, annotation } of samples) before.set(id, annotation);
    }
    return this.annotate(ids, label, undefined, before);
  }

  /** Settle that a sample is this, whatever the model says. */
  settleAs(id: string, label: SampleLabel): Step {
    const before = this.#annotations([id]);
    const kept = before.get(id)?.label.id === label.id;
    this.#say([id], label, true);
    return this.did(kept ? `Kept ${label.name}` : `Changed to ${label.name}`, () =>
      this.#restore(before),
    );
  }

  /** Delete samples; they are gone from the page at once and from the server after the grace. */
  remove(ids: string[]): Step {
    this.store.hide(ids);
    this.#deletions.set(
      ids,
      setTimeout(() => void this.#delete(ids), GRACE_MS),
    );
    return this.did(`${count(ids.length, "photo")} deleted`, () => {
      const timer = this.#deletions.get(ids);
      if (timer === undefined) {
        notices.fail(
          `Too late: ${count(ids.length, "photo")} deleted for good. Upload them again.`,
        );
        return;
      }
      clearTimeout(timer);
      this.#deletions.delete(ids);
      this.store.show(ids);
    });
  }

  /** Remember something that was done, so that it can be taken back. */
  did(done: string, undo: () => void): Step {
    const step = { done, undo };
    this.#undo.push(step);
    return step;
  }

  /** Show what was done, with a button that takes it back. */
  offerUndo(step: Step): void {
    notices.show(`${step.done}.`, { name: "Undo", run: () => this.#undo.undoOne(step) });
  }

  undo(): void {
    const step = this.#undo.undo();
    announcer.say(step ? `Undone: ${step.done}.` : "There is nothing to undo.");
  }

  /** Read samples again, for instance for what a new model says of them. */
  async refresh(ids: string[]): Promise<void> {
    try {
      this.store.put(await refetchSamples(ids.slice(0, 100)));
    } catch {
      // The rows on show stay as they are; the banner says that the connection is lost.
    }
  }

  /** Whether closing the page now would lose something. */
  get isBusy(): boolean {
    return this.annotations.get().unsaved > 0 || this.grades.unsaved || this.uploads.get().active;
  }

  /** Do now what was waiting for a change of mind. */
  settle(): void {
    this.grades.flush();
    for (const [ids, timer] of this.#deletions) {
      clearTimeout(timer);
      void this.#delete(ids);
    }
  }

  #annotations(ids: string[]): Map<string, Sample["annotation"]> {
    return new Map(ids.map((id) => [id, this.store.sample(id)?.annotation ?? null]));
  }

  #restore(annotations: Map<string, Sample["annotation"]>): void {
    for (const [id, earlier] of annotations)
      this.#say([id], earlier?.label ?? null, earlier?.confirmed);
  }

  #say(ids: string[], label: SampleLabel | null, confirmed?: boolean): void {
    this.store.annotate(ids, label, confirmed);
    const labelId = label?.id ?? null;
    this.annotations.say(ids.map((sampleId) => ({ sampleId, labelId, confirmed })));
  }

  async #delete(ids: string[]): Promise<void> {
    this.#deletions.delete(ids);
    try {
      await deleteSamples(ids);
    } catch (failure) {
      this.store.show(ids);
      notices.fail(failure);
    }
  }
}
