import type { GroupPage, PhotoGroup } from "../api/sampleGroups";
import type { Sample } from "../api/samples";
import type { SampleStore } from "./sampleStore";
import { Watchable } from "./watchable";

export interface GroupDeckState {
  /** Groups in the order in which they are shown; those before `at` were labelled or passed. */
  groups: readonly PhotoGroup[];
  at: number;
  loading: boolean;
  /** Whether the server has no more groups than these. */
  finished: boolean;
  failure: unknown;
}

interface Source {
  groups: (after: string | null) => Promise<GroupPage>;
  samples: (ids: string[]) => Promise<Sample[]>;
}

/** Fetch more when fewer than these are ahead. */
const FEW = 3;

/**
 * The groups of photos to label, one after another, with some fetched in advance.
 *
 * The server groups anew what has no label. Photos that are labelled but not saved yet, passed, or
 * in a group that is shown are left out here, and so are photos of a label that they were taken out of.
 */
export class GroupDeck extends Watchable<GroupDeckState> {
  readonly #store: SampleStore;
  readonly #source: Source;
  readonly #passed = new Set<string>();
  readonly #refused = new Map<string, string>();
  #turn = 0;

  constructor(store: SampleStore, source: Source) {
    super({ groups: [], at: 0, loading: false, finished: false, failure: null });
    this.#store = store;
    this.#source = source;
  }

  get hasPassed(): boolean {
    return this.#passed.size > 0;
  }

  /** The photos of a group that are left to label. */
  left(group: PhotoGroup): string[] {
    return group.ids.filter((id) => {
      const sample = this.#store.sample(id);
      return sample !== undefined && sample.annotation === null && !this.#store.isHidden(id);
    });
  }

  /** Go to the next group; photos that were taken out are not shown for this label again. */
  advance(labelId: string, takenOut: readonly string[]): void {
    for (const id of takenOut) this.#refused.set(id, labelId);
    this.#next();
  }

  /** Go to the next group, and leave the photos of this one for the end. */
  pass(): void {
    for (const id of this.get().groups[this.get().at]?.ids ?? []) this.#passed.add(id);
    this.#next();
  }

  /** Go to a group that was shown before. */
  returnTo(group: PhotoGroup): void {
    for (const id of group.ids) {
      this.#passed.delete(id);
      this.#refused.delete(id);
    }
    const at = this.get().groups.indexOf(group);
    if (at >= 0) this.become({ ...this.get(), at });
  }

  /** Show the photos of groups that were passed again. */
  showPassed(): void {
    this.#passed.clear();
    this.regroup();
  }

  /** Fetch the groups after the shown one again: after a training run, or a failure. */
  regroup(): void {
    const { groups, at } = this.get();
    this.#turn++;
    const state = { ...this.get(), groups: groups.slice(0, at + 1), loading: false };
    this.become({ ...state, finished: false, failure: null });
    this.refill();
  }

  refill(): void {
    const { groups, at, loading, finished, failure } = this.get();
    const enough = groups.length - at >= FEW;
    if (!enough && !loading && !finished && failure === null) void this.#load(this.#turn);
  }

  #next(): void {
    const { groups, at } = this.get();
    this.become({ ...this.get(), at: Math.min(groups.length, at + 1) });
    this.refill();
  }

  async #load(turn: number): Promise<void> {
    this.become({ ...this.get(), loading: true });
    try {
      let after: string | null = null;
      do {
        const page: GroupPage = await this.#source.groups(after);
        const fresh = this.#fresh(page.groups);
        const unknown = fresh.flatMap(({ ids }) => ids);
        for (let from = 0; from < unknown.length && turn === this.#turn; from += 100) {
          this.#store.put(await this.#source.samples(unknown.slice(from, from + 100)));
        }
        if (turn !== this.#turn) return;
        const groups = [...this.get().groups, ...this.#fresh(fresh)];
        after = page.next;
        this.become({ ...this.get(), groups, finished: after === null });
      } while (after !== null && this.get().groups.length - this.get().at < FEW);
      this.become({ ...this.get(), loading: false });
    } catch (failure) {
      if (turn === this.#turn) this.become({ ...this.get(), loading: false, failure });
    }
  }

  /** Groups without the photos that need not be shown now. */
  #fresh(groups: readonly PhotoGroup[]): PhotoGroup[] {
    const { groups: known, at } = this.get();
    const ahead = new Set(known.slice(at).flatMap(({ ids }) => ids));
    const isWanted = (id: string, label: PhotoGroup["label"]): boolean =>
      !ahead.has(id) &&
      !this.#passed.has(id) &&
      !this.#store.isHidden(id) &&
      this.#store.sample(id)?.annotation == null &&
      (label === null || this.#refused.get(id) !== label.id);
    return groups
      .map((group) => ({ ...group, ids: group.ids.filter((id) => isWanted(id, group.label)) }))
      .filter(({ ids }) => ids.length > 0);
  }
}
