import { useMemo, useSyncExternalStore } from "react";
import { type Route, parseRoute } from "../logic/route";

function watch(watcher: () => void): () => void {
  window.addEventListener("hashchange", watcher);
  return () => window.removeEventListener("hashchange", watcher);
}

/** The screen that the address names; null if it names none. */
export function useRoute(): Route | null {
  const hash = useSyncExternalStore(watch, () => window.location.hash);
  return useMemo(() => parseRoute(hash), [hash]);
}

/** Go to an address; Back leads here. */
export function go(href: string): void {
  window.location.hash = href;
}

/** Go to an address of the same screen without delay, so that the browser's Back leads here. */
export function pushRoute(href: string): void {
  window.history.pushState(null, "", href);
  window.dispatchEvent(new HashChangeEvent("hashchange"));
}

/** Replace the current address, for instance for another filter. */
export function replaceRoute(href: string): void {
  window.history.replaceState(null, "", href);
  window.dispatchEvent(new HashChangeEvent("hashchange"));
}
