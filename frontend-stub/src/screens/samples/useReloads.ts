import { useEffect, useRef, useSyncExternalStore } from "react";
import { useFunction } from "../../workspace/context";

const LOOK_EVERY_MS = 1_500;

/** Show new photos while they come in, and all of them at the end. */
export function useReloadAfterUploads(reload: () => void): void {
  const { uploads } = useFunction().workspace;
  const { done, active } = useSyncExternalStore(uploads.watch, uploads.get);
  useReload(reload, done, active ? LOOK_EVERY_MS : 0);
}

/** Reload a search when more photos are embedded, which it could not compare before. */
export function useReloadAfterEmbedding(reload: () => void, isSearch: boolean): void {
  const { embedded } = useFunction().fn.sampleCounts;
  useReload(isSearch ? reload : ignore, embedded, LOOK_EVERY_MS);
}

function ignore(): void {
  // Other lists contain photos that are not embedded.
}

/** Reload when a number changes, at most once in `everyMs`. */
function useReload(reload: () => void, number: number, everyMs: number): void {
  const seen = useRef({ number, at: 0 });
  useEffect(() => {
    if (number === seen.current.number) return;
    const wait = Math.max(0, seen.current.at + everyMs - Date.now());
    const timer = setTimeout(() => {
      seen.current = { number, at: Date.now() };
      reload();
    }, wait);
    return () => clearTimeout(timer);
  }, [number, everyMs, reload]);
}
