import { describe } from "../api/failure";
import { Watchable } from "../logic/watchable";

export interface Notice {
  id: number;
  text: string;
  bad: boolean;
  action?: { name: string; run: () => void };
}

const STAYS_MS = 10_000;
const MOST = 3;

class Notices extends Watchable<Notice[]> {
  #made = 0;

  show(text: string, action?: Notice["action"]): number {
    return this.#add({ id: ++this.#made, text, bad: false, ...(action && { action }) });
  }

  /** Show an error until somebody closes it. */
  readonly fail = (error: unknown): number =>
    this.#add({ id: ++this.#made, text: describe(error), bad: true });

  dismiss(id: number): void {
    this.become(this.get().filter((notice) => notice.id !== id));
  }

  #add(notice: Notice): number {
    const others = this.get().filter((one) => one.text !== notice.text);
    this.become([...others, notice].slice(-MOST));
    if (!notice.bad) setTimeout(() => this.dismiss(notice.id), STAYS_MS);
    return notice.id;
  }
}

/** Short messages over the page. */
export const notices = new Notices([]);

class Announcer extends Watchable<string> {
  #next = "";

  /** Announce a message, once the page has drawn the change. */
  say(text: string): void {
    this.#next = text;
    setTimeout(() => {
      if (this.#next !== text) return;
      // Screen readers announce the same text again only if it differs.
      this.become(text === this.get() ? `${text}\u00a0` : text);
    });
  }
}

/** Messages for screen readers about changes that are visible anyway. */
export const announcer = new Announcer("");
