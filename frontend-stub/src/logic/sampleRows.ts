import type { Sample } from "../api/samples";
import type { SampleStore } from "./sampleStore";
import { Watchable } from "./watchable";

export interface RowsState {
  /** Every row in order; undefined if its sample is not known yet. */
  ids: readonly (string | undefined)[];
  /** The number of rows; null before the first response. */
  total: number | null;
  failure: unknown;
}

export interface Source {
  /** Samples from a row on, and the number of rows. */
  samples: (
    skip: number,
    first: number,
    signal: AbortSignal,
  ) => Promise<{ samples: Sample[]; total: number }>;
  /** The same, but only the IDs of the samples. */
  ids: (skip: number, first: number) => Promise<string[]>;
}

const PAGE = 100;
const REQUESTS = 2;

/** The number of pages to keep; the least recently viewed ones are dropped first. */
export const PAGES_KEPT = 15;

/**
 * The rows of a long list, loaded where they are viewed: dragging the scrollbar to the end loads
 * the end at once, and nothing in between.
 */
export class SampleRows extends Watchable<RowsState> {
  readonly #store: SampleStore;
  readonly #source: Source;
  readonly #loading = new Set<number>();
  /** Loaded pages, the most recently viewed ones at the end. */
  readonly #here = new Set<number>();
  #window: readonly [number, number] = [0, 1];
  #turn = 0;
  #cancelling = new AbortController();

  constructor(store: SampleStore, source: Source) {
    super({ ids: [], total: null, failure: null });
    this.#store = store;
    this.#source = source;
  }

  /** Set the rows in view; those that are missing are loaded. */
  look(first: number, end: number): void {
    this.#window = [first, Math.max(end, first + 1)];
    this.#fill();
  }

  /** Cancel the requests of a list without an answer, which another has replaced. */
  giveUp(): void {
    if (this.get().total !== null) return;
    this.#turn++;
    this.#loading.clear();
    this.#cancelling.abort();
    this.#cancelling = new AbortController();
  }

  /** The IDs of the samples in these rows, loaded or not. */
  async between(first: number, end: number): Promise<string[]> {
    const turn = this.#turn;
    for (const page of pagesOf(first, Math.min(end, this.get().total ?? 0))) {
      const known = this.get().ids.slice(page * PAGE, (page + 1) * PAGE);
      if (!known.includes(undefined)) continue;
      const ids = await this.#source.ids(page * PAGE, PAGE);
      if (turn !== this.#turn) return this.between(first, end);
      this.#place(page, ids);
    }
    return this.get()
      .ids.slice(first, end)
      .filter((id) => id !== undefined);
  }

  /** Read the rows in view again, for instance after an upload; the old rows stay until then. */
  readonly reload = (): void => {
    const turn = ++this.#turn;
    this.#loading.clear();
    const pages = pagesOf(...this.#window);
    Promise.all(pages.map((page) => this.#samples(page))).then(
      (answers) => {
        if (turn !== this.#turn) return;
        this.#here.clear();
        const total = answers[0]?.total ?? 0;
        this.become({ ids: new Array<undefined>(total).fill(undefined), total, failure: null });
        pages.forEach((page, index) => this.#put(page, answers[index]?.samples ?? []));
        this.#fill();
      },
      (failure: unknown) => {
        if (turn === this.#turn) this.become({ ...this.get(), failure });
      },
    );
  };

  #fill(): void {
    const { total, failure } = this.get();
    if (failure !== null) return;
    const [first, end] = this.#window;
    for (const page of pagesOf(first, total === null ? end : Math.min(end, total))) {
      if (this.#here.delete(page)) this.#here.add(page);
      else if (!this.#loading.has(page) && this.#loading.size < REQUESTS) void this.#load(page);
    }
  }

  async #load(page: number): Promise<void> {
    const turn = this.#turn;
    this.#loading.add(page);
    try {
      const { samples, total } = await this.#samples(page);
      if (turn !== this.#turn) return;
      this.#loading.delete(page);
      if (this.get().total === null) {
        this.become({ ...this.get(), ids: new Array<undefined>(total).fill(undefined), total });
      } else if (this.get().total !== total) {
        // Rows were added or deleted, so the others have moved.
        this.reload();
        return;
      }
      this.#put(page, samples);
      this.#fill();
    } catch (failure) {
      if (turn !== this.#turn) return;
      this.#loading.delete(page);
      this.become({ ...this.get(), failure });
    }
  }

  #samples(page: number): ReturnType<Source["samples"]> {
    return this.#source.samples(page * PAGE, PAGE, this.#cancelling.signal);
  }

  #put(page: number, samples: Sample[]): void {
    this.#store.put(samples);
    this.#here.add(page);
    const ids = samples.map(({ id }) => id);
    this.#place(page, ids);
    for (const old of this.#here) {
      if (this.#here.size <= PAGES_KEPT) break;
      this.#here.delete(old);
      this.#store.forget(this.get().ids.slice(old * PAGE, (old + 1) * PAGE));
    }
  }

  /** Store the samples of a page's rows; a sample that moved here is removed elsewhere. */
  #place(page: number, found: string[]): void {
    const moved = new Set(found);
    const from = page * PAGE;
    const ids = this.get().ids.map((id) => (id !== undefined && moved.has(id) ? undefined : id));
    found.forEach((id, index) => {
      if (from + index < ids.length) ids[from + index] = id;
    });
    this.become({ ...this.get(), ids });
  }
}

function pagesOf(first: number, end: number): number[] {
  const from = Math.floor(first / PAGE);
  return Array.from({ length: Math.max(0, Math.ceil(end / PAGE) - from) }, (_, i) => from + i);
}
