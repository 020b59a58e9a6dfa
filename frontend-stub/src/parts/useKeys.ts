import { useEffect, useEffectEvent } from "react";

/**
 * Listen to keys anywhere on the page, except in text fields and while a dialog is open.
 *
 * `handle` returns whether it used the key; if so, the browser's own action is prevented.
 */
export function useKeys(handle: (event: KeyboardEvent) => boolean): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]") !== null) return;
    if (handle(event)) event.preventDefault();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => onKey(event);
    window.addEventListener("keydown", listener);
    return () => window.removeEventListener("keydown", listener);
  }, []);
}

/** Ctrl+Z, or Command+Z on a Mac. */
export function isUndo({ ctrlKey, metaKey, key }: KeyboardEvent): boolean {
  return (ctrlKey || metaKey) && key.toLowerCase() === "z";
}

/** Whether the focused element uses a key itself: Space and Enter press buttons. */
export function pressesControl({ key, target }: KeyboardEvent): boolean {
  const isPress = key === " " || key === "Enter";
  return (
    isPress &&
    target instanceof Element &&
    target.closest("a, button, summary, [role=option]") !== null
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.matches("input:not([type=checkbox], [type=radio]), textarea, select")
  );
}
