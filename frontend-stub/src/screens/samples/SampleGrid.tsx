import { type KeyboardEvent, type MouseEvent, useEffect, useId, useRef, useState } from "react";
import { isDoubted } from "../../logic/doubt";
import type { SampleRows } from "../../logic/sampleRows";
import { type Selection, extend, toggle } from "../../logic/selection";
import { notices } from "../../parts/notices";
import { useDragRange } from "../../parts/useDragRange";
import { useNarrow } from "../../parts/useMedia";
import { useFunction } from "../../workspace/context";
import { SampleCell } from "./SampleCell";
import { useFreshAnswers } from "./useFreshAnswers";
import { useWindow } from "./useWindow";
import styles from "./SampleGrid.module.css";

interface Props {
  rows: SampleRows;
  /** Every row in order; undefined if it is not loaded. */
  ids: readonly (string | undefined)[];
  /** Whether another list is being loaded. */
  isOld: boolean;
  selection: Selection;
  select: (selection: Selection) => void;
  open: (id: string) => void;
  moreLike: (id: string) => void;
}

/**
 * The photos as a grid in which only those near the view are rendered, so that any number scrolls
 * well.
 *
 * It is one stop for the Tab key. Arrows move, Space chooses, with Shift a range, Enter opens,
 * “=” shows more like it.
 */
export function SampleGrid({ rows, ids, isOld, selection, select, open, moreLike }: Props) {
  const {
    fn: { taughtIds },
    workspace: { store },
  } = useFunction();
  const grid = useRef<HTMLDivElement>(null);
  const narrow = useNarrow();
  const shown = useWindow(grid, narrow ? 104 : 148);
  const [active, setActive] = useState(0);
  const [activeIn, setActiveIn] = useState(rows);
  if (activeIn !== rows) {
    setActiveIn(rows);
    setActive(0);
  }
  const name = useId();

  const total = ids.length;
  const columns = shown?.columns ?? 1;
  const first = (shown?.firstRow ?? 0) * columns;
  const end = Math.min(total, (shown?.endRow ?? 0) * columns);
  useEffect(() => {
    if (end > first) rows.look(first, end);
  }, [rows, first, end]);
  useFreshAnswers(ids.slice(first, end).filter((id) => id !== undefined));

  function moveTo(index: number, ranging: boolean): void {
    const next = Math.max(0, Math.min(total - 1, index));
    setActive(next);
    if (ranging) chooseTo(next);
    scrollToRow(Math.floor(next / columns));
  }

  /** Select from the start of a range to a row; without a selection it starts at the focus. */
  function chooseTo(index: number): void {
    const start = selection.anchor === null ? active : ids.indexOf(selection.anchor);
    const from = start < 0 ? index : start;
    const anchor = ids[from];
    if (anchor === undefined) return;
    const range = ids.slice(Math.min(from, index), Math.max(from, index) + 1);
    const known = range.filter((id) => id !== undefined);
    if (known.length === range.length) {
      select(extend(selection, anchor, known));
      return;
    }
    // For rows that were not in view, the IDs have to be fetched.
    rows.between(Math.min(from, index), Math.max(from, index) + 1).then(
      (found) => select(extend(selection, anchor, found)),
      (failure: unknown) => notices.fail(failure),
    );
  }

  useDragRange(grid, (from, to) => {
    const anchor = ids[from];
    const range = ids.slice(Math.min(from, to), Math.max(from, to) + 1);
    if (anchor === undefined) return;
    setActive(to);
    select(
      extend(
        selection,
        anchor,
        range.filter((id) => id !== undefined),
      ),
    );
  });

  function scrollToRow(row: number): void {
    if (grid.current === null || shown === null) return;
    const { top } = grid.current.getBoundingClientRect();
    const from = top + row * shown.rowHeight;
    const margin = 130;
    if (from < margin) window.scrollBy(0, from - margin);
    const below = from + shown.rowHeight + margin - window.innerHeight;
    if (below > 0) window.scrollBy(0, below);
  }

  /** The number of rows that the window shows at once. */
  function page(): number {
    return Math.max(1, Math.floor((window.innerHeight - 260) / (shown?.rowHeight ?? 1)));
  }

  function onKeyDown(event: KeyboardEvent): void {
    const steps: Record<string, number> = {
      ArrowRight: active + 1,
      ArrowLeft: active - 1,
      ArrowDown: active + columns,
      ArrowUp: active - columns,
      Home: 0,
      End: total - 1,
      PageDown: active + columns * page(),
      PageUp: active - columns * page(),
    };
    const id = ids[active];
    const step = steps[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (step !== undefined) moveTo(step, event.shiftKey);
    else if (event.key === "=" && id !== undefined) moreLike(id);
    else if (event.key === " " && id !== undefined) {
      if (event.shiftKey) chooseTo(active);
      else select(toggle(selection, id));
    } else if (event.key === "Enter" && id !== undefined) open(id);
    else return;
    event.preventDefault();
  }

  function onClick(event: MouseEvent): void {
    const cell = event.target instanceof Element ? event.target.closest("[data-index]") : null;
    if (!(cell instanceof HTMLElement)) return;
    const index = Number(cell.dataset["index"]);
    const id = ids[index];
    if (id === undefined) return;
    setActive(index);
    const onMark =
      event.target instanceof Element && event.target.closest("[data-choose]") !== null;
    if (event.shiftKey) chooseTo(index);
    else if (onMark || selection.chosen.size > 0) select(toggle(selection, id));
    else open(id);
  }

  const cells = Array.from({ length: Math.max(0, end - first) }, (_, offset) => first + offset);
  return (
    <div
      ref={grid}
      className={isOld ? `${styles["grid"]} ${styles["old"]}` : styles["grid"]}
      aria-busy={isOld}
      role="listbox"
      tabIndex={0}
      aria-label="Photos"
      aria-multiselectable="true"
      aria-activedescendant={active >= first && active < end ? `${name}-${active}` : undefined}
      style={{ height: shown ? Math.ceil(total / columns) * shown.rowHeight : undefined }}
      onKeyDown={onKeyDown}
      onClick={onClick}
    >
      {shown !== null &&
        cells.map((index) => {
          const id = ids[index];
          const sample = id === undefined ? undefined : store.sample(id);
          return (
            <SampleCell
              key={id ?? index}
              domId={`${name}-${index}`}
              index={index}
              total={total}
              sample={sample}
              doubted={sample !== undefined && isDoubted(sample, taughtIds)}
              chosen={id !== undefined && selection.chosen.has(id)}
              active={index === active}
              size={shown.rowHeight - 8}
              left={(index % columns) * shown.rowHeight}
              top={Math.floor(index / columns) * shown.rowHeight}
            />
          );
        })}
    </div>
  );
}
