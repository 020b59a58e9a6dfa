import { useCallback, useSyncExternalStore } from "react";

/** Whether a media query matches now. */
export function useMedia(condition: string): boolean {
  const watch = useCallback(
    (watcher: () => void) => {
      const media = window.matchMedia(condition);
      media.addEventListener("change", watcher);
      return () => media.removeEventListener("change", watcher);
    },
    [condition],
  );
  return useSyncExternalStore(watch, () => window.matchMedia(condition).matches);
}

/** Whether the page is as narrow as a phone, where one column holds everything. */
export function useNarrow(): boolean {
  return useMedia("(max-width: 900px)");
}
