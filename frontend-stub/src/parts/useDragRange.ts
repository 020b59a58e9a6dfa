import { type RefObject, useEffect, useEffectEvent } from "react";

/** The distance in pixels from which moving the mouse is a drag. */
const SLACK_PX = 6;

/**
 * Follow the mouse while it is dragged over elements with `data-index`: first and last element.
 *
 * A finger scrolls, as everywhere. The click at the end of a drag is suppressed.
 */
export function useDragRange(
  area: RefObject<HTMLElement | null>,
  drag: (from: number, to: number) => void,
): void {
  const onDrag = useEffectEvent(drag);
  useEffect(() => {
    const element = area.current;
    if (element === null) return;
    let start: { index: number; x: number; y: number } | null = null;
    let last: number | null = null;
    const down = (event: PointerEvent): void => {
      const index = indexAt(event);
      if (event.pointerType !== "mouse" || event.button !== 0 || event.shiftKey) return;
      start = index === null ? null : { index, x: event.clientX, y: event.clientY };
      last = null;
    };
    const move = (event: PointerEvent): void => {
      if (start === null) return;
      const far = Math.hypot(event.clientX - start.x, event.clientY - start.y) > SLACK_PX;
      const index = indexAt(event);
      if (!far || index === null || index === last) return;
      if (last === null && index === start.index) return;
      last = index;
      onDrag(start.index, index);
    };
    const up = (): void => {
      start = null;
    };
    const click = (event: MouseEvent): void => {
      if (last === null) return;
      last = null;
      event.preventDefault();
      event.stopPropagation();
    };
    element.addEventListener("pointerdown", down);
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", up);
    element.addEventListener("click", click, { capture: true });
    return () => {
      element.removeEventListener("pointerdown", down);
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", up);
      element.removeEventListener("click", click, { capture: true });
    };
  }, [area]);
}

function indexAt({ clientX, clientY }: PointerEvent): number | null {
  const cell = document.elementFromPoint(clientX, clientY)?.closest("[data-index]");
  return cell instanceof HTMLElement ? Number(cell.dataset["index"]) : null;
}
