import type { SamplePage } from "../api/samples";
import type { SampleStore } from "./sampleStore";
import { Watchable } from "./watchable";

export interface DeckState {
  /** Samples in the order in which they are shown; those before `at` were annotated or skipped. */
  cards: string[];
  at: number;
  loading: boolean;
  /** Whether the server has no more photos than these. */
  finished: boolean;
  failure: unknown;
}

export type FetchPage = (after: string | null) => Promise<SamplePage>;

/** Photos that are rendered in advance, and keep their place when the rest gets a new order. */
export const IN_HAND = 6;

/** Fetch more when fewer than these are ahead. */
const FEW = 25;

/**
 * The photos to annotate, one after another, with some fetched in advance.
 *
 * The API lists photos without annotations, so annotated ones drop out of its results by
 * themselves; those that were skipped or are not saved yet are left out here.
 */
export class Deck extends Watchable<DeckState> {
  readonly #store: SampleStore;
  #fetchPage: FetchPage;
  #turn = 0;

  constructor(store: SampleStore, fetchPage: FetchPage) {
    super({ cards: [], at: 0, loading: false, finished: false, failure: null });
    this.#store = store;
    this.#fetchPage = fetchPage;
  }

  /** Go forward, at most to just past the last card. */
  advance(by = 1): void {
    const { cards, at } = this.get();
    this.become({ ...this.get(), at: Math.min(cards.length, at + by) });
    this.refill();
  }

  back(by = 1): void {
    this.become({ ...this.get(), at: Math.max(0, this.get().at - by) });
  }

  /** Go to a card that was shown before. */
  returnTo(id: string): void {
    const index = this.get().cards.indexOf(id);
    if (index >= 0) this.become({ ...this.get(), at: index });
  }

  /** Fetch again what is more than `kept` ahead: after a training run, or in another order. */
  reorder(kept: number, fetchPage = this.#fetchPage): void {
    const { cards, at } = this.get();
    this.#turn++;
    this.#fetchPage = fetchPage;
    this.become({
      ...this.get(),
      cards: cards.slice(0, at + kept),
      loading: false,
      finished: false,
    });
    this.refill();
  }

  /** Fetch again although the server had no more, or failed. */
  retry(): void {
    this.become({ ...this.get(), finished: false, failure: null });
    this.refill();
  }

  refill(): void {
    const { cards, at, loading, finished, failure } = this.get();
    const enough = cards.length - at >= FEW;
    if (!enough && !loading && !finished && failure === null) void this.#load(this.#turn);
  }

  async #load(turn: number): Promise<void> {
    this.become({ ...this.get(), loading: true });
    try {
      let after: string | null = null;
      for (;;) {
        const page: SamplePage = await this.#fetchPage(after);
        if (turn !== this.#turn) return;
        this.#store.put(page.samples);
        const known = new Set(this.get().cards);
        const fresh = page.samples
          .map(({ id }) => id)
          .filter(
            (id) =>
              !known.has(id) &&
              !this.#store.isHidden(id) &&
              this.#store.sample(id)?.annotation === null,
          );
        after = page.next;
        const finished = after === null;
        this.become({ ...this.get(), cards: [...this.get().cards, ...fresh], finished });
        if (finished || this.get().cards.length - this.get().at >= FEW) break;
      }
      this.become({ ...this.get(), loading: false });
    } catch (failure) {
      if (turn === this.#turn) this.become({ ...this.get(), loading: false, failure });
    }
  }
}
