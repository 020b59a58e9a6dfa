/** An upload that did not reach its end: how many photos were done, and of how many. */
export interface BrokenOff {
  done: number;
  total: number;
}

interface Kept extends BrokenOff {
  /** When it was last known to go on, in milliseconds since 1970. */
  at: number;
  /** Whether its tab was closed or left. */
  left: boolean;
}

type Place = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** Without a sign for this long, a tab is taken for closed; browsers slow down hidden tabs. */
const SILENT_MS = 180_000;

/**
 * What the browser remembers of the upload to one function, so that the next visit can tell of one
 * that a closed tab broke off. An upload that goes on in another tab is not broken off.
 */
export class UploadMemory {
  readonly #place: Place;
  readonly #key: string;
  readonly #now: () => number;

  constructor(place: Place, functionId: string, now: () => number = Date.now) {
    this.#place = place;
    this.#key = `pigeonhole-upload-${functionId}`;
    this.#now = now;
  }

  /** Store how far the upload in this tab is, and whether the tab is being left. */
  keep({ done, total }: BrokenOff, left = false): void {
    const kept: Kept = { done, total, at: this.#now(), left };
    try {
      this.#place.setItem(this.#key, JSON.stringify(kept));
    } catch {
      // Without storage in the browser, a broken upload is not told of.
    }
  }

  forget(): void {
    try {
      this.#place.removeItem(this.#key);
    } catch {
      // There is nothing to forget.
    }
  }

  /** The upload that was broken off; null if there is none. */
  read(): BrokenOff | null {
    const kept = this.#read();
    if (kept === null) return null;
    const { done, total, at, left } = kept;
    return left || this.#now() - at > SILENT_MS ? { done, total } : null;
  }

  #read(): Kept | null {
    try {
      const text = this.#place.getItem(this.#key);
      return text === null ? null : (JSON.parse(text) as Kept);
    } catch {
      return null;
    }
  }
}
