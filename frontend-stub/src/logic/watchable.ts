/** A value that changes, for `useSyncExternalStore` and for plain code. */
export class Watchable<State> {
  #state: State;
  readonly #watchers = new Set<() => void>();

  constructor(state: State) {
    this.#state = state;
  }

  readonly get = (): State => this.#state;

  readonly watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  protected become(state: State): void {
    this.#state = state;
    for (const watcher of this.#watchers) watcher();
  }
}
