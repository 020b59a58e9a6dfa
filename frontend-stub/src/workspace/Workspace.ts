import {
  addSamples,
  retrySamples,
  saveAnnotations,
  type Conflict,
  type Said,
} from "../api/sampleChanges";
import {
  fetchIds,
  fetchRows,
  fetchSamples,
  AT_ONCE,
  refetchSamples,
  type Sample,
  type SampleList,
  type SampleOrder,
} from "../api/samples";
import { deleteSamples, restoreSamples } from "../api/trash";
import { gradeAnswers } from "../api/quiz";
import type { Feedback } from "../api/invocations";
import { Deck, type FetchPage } from "../logic/deck";
import { Grader } from "../logic/grader";
import { drawn } from "../logic/drawn";
import { count } from "../logic/estimate";
import { isolated } from "../logic/isolated";
import { overruled as overruledText } from "../logic/overruled";
import { SampleRows } from "../logic/sampleRows";
import { type SampleLabel, SampleStore } from "../logic/sampleStore";
import { SaveQueue } from "../logic/saveQueue";
import { type Step, UndoStack } from "../logic/undo";
import { UploadQueue } from "../logic/uploadQueue";
import { AskHistory } from "./askHistory";
import { BrokenUpload } from "./brokenUpload";
import { announcer, notices } from "../parts/notices";

const GONE = "The photos cannot be restored: this server deletes photos for good.";

/** The state that the screens of one function share: its samples, and pending changes. */
export class Workspace {
  readonly functionId: string;
  readonly store: SampleStore;
  readonly annotations: SaveQueue<Said>;
  readonly grades: Grader;
  readonly uploads: UploadQueue;
  readonly brokenUpload: BrokenUpload;
  /** Unsaved text, by the name of the form. */
  readonly drafts = new Map<string, unknown>();
  readonly asks: AskHistory;
  readonly #undo = new UndoStack();
  #deleting = 0;

  constructor(functionId: string) {
    this.functionId = functionId;
    this.annotations = new SaveQueue({
      save: async (said) => {
        await drawn();
        await this.#save(said);
      },
      refused: (said, failure) => {
        notices.fail(failure);
        void this.refresh(said.map(({ sampleId }) => sampleId));
      },
    });
    this.grades = new Grader({
      save: async (grades) => {
        await gradeAnswers(grades);
        for (const { sampleId, shownLabelId, right, label } of grades) {
          const labelId = right ? shownLabelId : label && "labelId" in label && label.labelId;
          if (labelId) this.store.note(sampleId, labelId, "us");
        }
      },
      refused: (_, failure) => notices.fail(failure),
    });
    this.store = new SampleStore((id) => this.annotations.holds(id));
    this.asks = new AskHistory(functionId);
    this.uploads = new UploadQueue({ send: (uploads) => addSamples(functionId, uploads) });
    this.brokenUpload = new BrokenUpload(functionId, this.uploads);
  }

  /** The rows of a long list of this function's samples. */
  rows(list: SampleList): SampleRows {
    const { functionId, store } = this;
    return new SampleRows(store, {
      samples: (skip, first, signal) => fetchRows(functionId, list, skip, first, signal),
      ids: (skip, first) => fetchIds(functionId, list, skip, first),
    });
  }

  /** The samples without annotations, one after another. */
  deck(order: SampleOrder): Deck {
    return new Deck(this.store, this.unannotated(order));
  }

  /** The pages of samples without annotations. */
  unannotated(order: SampleOrder): FetchPage {
    return (after) => fetchSamples(this.functionId, { annotated: false }, order, after, 50);
  }

  /** Annotate samples, or remove annotations with null; `undone` runs when this is undone. */
  annotate(
    ids: string[],
    label: SampleLabel | null,
    undone?: () => void,
    before = this.#annotations(ids),
  ): Step {
    this.#say(ids, label);
    const what = ids.length === 1 ? "Annotated" : `${count(ids.length, "photo")} annotated`;
    const done =
      label === null
        ? `${count(ids.length, "annotation")} cleared`
        : `${what} as ${isolated(label.name)}`;
    return this.did(done, () => {
      this.#restore(this.#stillOurs(before, label));
      undone?.();
    });
  }

  /** Annotate samples that may not be loaded: their state is fetched first, for undo. */
  async annotateAll(ids: string[], label: SampleLabel | null): Promise<Step> {
    const absent = ids.filter((id) => this.store.sample(id) === undefined);
    const before = this.#annotations(ids);
    for (let from = 0; from < absent.length; from += AT_ONCE) {
      const samples = await refetchSamples(absent.slice(from, from + AT_ONCE));
      for (const { id, annotation } of samples) before.set(id, annotation);
    }
    return this.annotate(ids, label, undefined, before);
  }

  /** Confirm the annotation of a sample, whatever the model predicts. */
  settleAs(id: string, label: SampleLabel): Step {
    const before = this.#annotations([id]);
    const kept = before.get(id)?.label.id === label.id;
    this.#say([id], label, true);
    return this.did(`${kept ? "Kept" : "Changed to"} ${isolated(label.name)}`, () =>
      this.#restore(this.#stillOurs(before, label)),
    );
  }

  /** Undo feedback on a prediction: restore the sample, or delete it if there was none. */
  takeBack({ sampleId, labelId, before }: Feedback, told: string, undone: () => void): Step {
    this.store.note(sampleId, labelId, "us");
    return this.did(told, () => {
      if (before === "absent") void deleteSamples([sampleId]).catch(notices.fail);
      else if (before !== "unknown") this.#restore(new Map([[sampleId, before]]));
      undone();
    });
  }

  /** Move samples to the trash; they disappear from the page at once. */
  remove(ids: string[]): Step {
    const deletion = this.#delete(ids);
    return this.did(`${count(ids.length, "photo")} deleted`, () => void this.#undelete(deletion));
  }

  /** Restore photos by their IDs in the trash; the restored ones are shown again. */
  async restore(deletedIds: string[]): Promise<void> {
    const { sampleIds, reasons } = await restoreSamples(deletedIds);
    this.store.show(sampleIds);
    const left = deletedIds.length - sampleIds.length;
    if (left > 0) {
      notices.fail(`${count(left, "photo")} could not be restored. ${reasons.join(" ")}`);
    }
  }

  /** Store an action, so that it can be undone. */
  did(done: string, undo: () => void): Step {
    const step = { done, undo };
    this.#undo.push(step);
    return step;
  }

  /** Show an action, with a button that undoes it. */
  offerUndo(step: Step): void {
    notices.show(`${step.done}.`, { name: "Undo", run: () => this.#undo.undoOne(step) });
  }

  undo(): void {
    const step = this.#undo.undo();
    announcer.say(step ? `Undone: ${step.done}.` : "There is nothing to undo.");
  }

  /** Read samples again, for instance for the predictions of a new model. */
  async refresh(ids: string[]): Promise<void> {
    try {
      this.store.put(await refetchSamples(ids.slice(0, 100)));
    } catch {
      // The visible rows stay as they are; the banner shows that the connection is lost.
    }
  }

  /** Retry a photo that could not be read. */
  async readAgain(id: string): Promise<void> {
    await retrySamples([id]);
    await this.refresh([id]);
    notices.show("The photo is read again in a moment.");
  }

  /** Whether closing the page now would lose something. */
  get isBusy(): boolean {
    return (
      this.#deleting > 0 ||
      this.annotations.get().unsaved > 0 ||
      this.grades.unsaved ||
      this.drafts.size > 0 ||
      this.uploads.get().active ||
      this.asks.isBusy
    );
  }

  /** Save what is held back so that it can be undone: the newest verdict of a quiz. */
  settle(): void {
    this.grades.flush();
  }

  #annotations(ids: string[]): Map<string, Sample["annotation"]> {
    return new Map(ids.map((id) => [id, this.store.sample(id)?.annotation ?? null]));
  }

  /** Save annotations; those that somebody else changed meanwhile are shown and not overwritten. */
  async #save(said: Said[]): Promise<void> {
    const { store } = this;
    const overruled: Conflict[] = [];
    let rest = said;
    // A label that this page saved itself and then read too early is no conflict: send it again.
    for (let turn = 0; rest.length > 0 && turn < 2; turn++) {
      const expecting = rest.map((one) => ({ ...one, expectedId: store.onServer(one.sampleId) }));
      const conflicts = new Map((await saveAnnotations(expecting)).map((one) => [one.id, one]));
      rest = rest.filter(({ sampleId, labelId }) => {
        const conflict = conflicts.get(sampleId);
        const now = conflict === undefined ? labelId : (conflict.annotation?.label.id ?? null);
        const again = turn === 0 && now !== labelId && store.isOurs(sampleId, now);
        if (conflict === undefined || now === labelId || again) store.note(sampleId, now, "us");
        else overruled.push(conflict);
        return again;
      });
    }
    if (overruled.length > 0) this.#overrule(overruled);
  }

  #overrule(samples: Conflict[]): void {
    for (const { id, annotation } of samples) {
      this.annotations.forget(id);
      this.store.overrule(id, annotation);
    }
    notices.fail(overruledText(samples));
  }

  /** The earlier states of those samples that still have the annotation made here. */
  #stillOurs(
    before: Map<string, Sample["annotation"]>,
    label: SampleLabel | null,
  ): Map<string, Sample["annotation"]> {
    const isOurs = (id: string): boolean => {
      const sample = this.store.sample(id);
      return sample === undefined || sample.annotation?.label.id === label?.id;
    };
    return new Map([...before].filter(([id]) => isOurs(id)));
  }

  /** An accepted answer is cleared: given by a person, it would be learned from. */
  #restore(annotations: Map<string, Sample["annotation"]>): void {
    for (const [id, earlier] of annotations) {
      const kept = earlier?.source === "ACCEPTED" ? null : earlier;
      this.#say([id], kept?.label ?? null, kept?.confirmed);
    }
  }

  #say(ids: string[], label: SampleLabel | null, confirmed?: boolean): void {
    this.store.annotate(ids, label, confirmed);
    const labelId = label?.id ?? null;
    this.annotations.say(ids.map((sampleId) => ({ sampleId, labelId, confirmed })));
  }

  /** Delete samples; returns their IDs in the trash, or null if they are not deleted. */
  async #delete(ids: string[]): Promise<string[] | null> {
    this.store.hide(ids);
    this.#deleting++;
    try {
      return await deleteSamples(ids);
    } catch (failure) {
      this.store.show(ids);
      notices.fail(failure);
      return null;
    } finally {
      this.#deleting--;
    }
  }

  async #undelete(deletion: Promise<string[] | null>): Promise<void> {
    const ids = await deletion;
    if (ids === null) return;
    if (ids.length === 0) return void notices.fail(GONE);
    try {
      await this.restore(ids);
    } catch (failure) {
      notices.fail(failure);
    }
  }
}
