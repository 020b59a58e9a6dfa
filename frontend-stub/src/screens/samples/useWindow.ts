import { type RefObject, useLayoutEffect, useState } from "react";

export interface Window {
  columns: number;
  rowHeight: number;
  /** The rows to render: those in view and some around them. */
  firstRow: number;
  endRow: number;
}

const GAP = 8;
const AROUND_PX = 600;

/** Which rows of a grid of square cells are near the view, as the page scrolls and resizes. */
export function useWindow(grid: RefObject<HTMLElement | null>, smallest: number): Window | null {
  const [shown, setShown] = useState<Window | null>(null);

  useLayoutEffect(() => {
    const element = grid.current;
    if (element === null) return;
    let frame = 0;
    const measure = (): void => {
      frame = 0;
      const { top, width } = element.getBoundingClientRect();
      const columns = Math.max(2, Math.floor((width + GAP) / (smallest + GAP)));
      const rowHeight = (width + GAP) / columns;
      const firstRow = Math.max(0, Math.floor((-top - AROUND_PX) / rowHeight));
      const endRow = Math.max(0, Math.ceil((window.innerHeight - top + AROUND_PX) / rowHeight));
      setShown((before) =>
        before?.firstRow === firstRow &&
        before.endRow === endRow &&
        before.columns === columns &&
        before.rowHeight === rowHeight
          ? before
          : { columns, rowHeight, firstRow, endRow },
      );
    };
    const soon = (): void => {
      if (frame === 0) frame = requestAnimationFrame(measure);
    };
    measure();
    const resize = new ResizeObserver(soon);
    resize.observe(element);
    window.addEventListener("scroll", soon, { passive: true });
    window.addEventListener("resize", soon);
    return () => {
      cancelAnimationFrame(frame);
      resize.disconnect();
      window.removeEventListener("scroll", soon);
      window.removeEventListener("resize", soon);
    };
  }, [grid, smallest]);

  return shown;
}
