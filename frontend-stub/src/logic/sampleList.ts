import type { SamplePage } from "../api/samples";
import type { SampleStore } from "./sampleStore";
import { Watchable } from "./watchable";

export interface ListState {
  /** What is loaded, in order. */
  ids: string[];
  /** How many there are, loaded or not; null before the first answer. */
  total: number | null;
  loading: boolean;
  failure: unknown;
}

type FetchPage = (after: string | null) => Promise<SamplePage>;

/**
 * A list of samples that loads itself page by page, as far as somebody looks.
 *
 * `reload` keeps the old rows on show until the first new page is here.
 */
export class SampleList extends Watchable<ListState> {
  readonly #store: SampleStore;
  readonly #fetchPage: FetchPage;
  #next: string | null = null;
  #wanted = 0;
  #turn = 0;

  constructor(store: SampleStore, fetchPage: FetchPage) {
    super({ ids: [], total: null, loading: false, failure: null });
    this.#store = store;
    this.#fetchPage = fetchPage;
  }

  /** Load at least this many rows, if there are so many. */
  ensure(rows: number): void {
    this.#wanted = Math.max(this.#wanted, rows);
    const { loading, failure } = this.get();
    if (!loading && failure === null && this.#isShort()) void this.#load(this.#turn);
  }

  /** Start again, for instance after an upload or a failure. */
  readonly reload = (): void => {
    this.#turn++;
    this.#next = null;
    const rows = Math.min(this.#wanted, this.get().ids.length);
    this.#wanted = Math.max(1, rows);
    void this.#load(this.#turn, true);
  };

  #isShort(): boolean {
    const { ids, total } = this.get();
    return total === null || (ids.length < this.#wanted && this.#next !== null);
  }

  async #load(turn: number, fresh = false): Promise<void> {
    this.become({ ...this.get(), loading: true, failure: null });
    try {
      for (let first = fresh; first || this.#isShort(); first = false) {
        const page = await this.#fetchPage(this.#next);
        if (turn !== this.#turn) return;
        this.#store.put(page.samples);
        this.#next = page.next;
        const before = first ? [] : this.get().ids;
        const ids = [...new Set([...before, ...page.samples.map(({ id }) => id)])];
        this.become({ ids, total: page.total, loading: true, failure: null });
      }
      this.become({ ...this.get(), loading: false });
    } catch (failure) {
      if (turn === this.#turn) this.become({ ...this.get(), loading: false, failure });
    }
  }
}
