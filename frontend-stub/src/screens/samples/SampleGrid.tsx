import { type KeyboardEvent, type MouseEvent, useEffect, useId, useRef, useState } from "react";
import type { SampleList } from "../../logic/sampleList";
import { type Selection, extend, toggle } from "../../logic/selection";
import { useNarrow } from "../../parts/useMedia";
import { useFunction } from "../../workspace/context";
import { SampleCell } from "./SampleCell";
import { useFreshAnswers } from "./useFreshAnswers";
import { useWindow } from "./useWindow";

interface Props {
  list: SampleList;
  ids: string[];
  total: number;
  selection: Selection;
  select: (selection: Selection) => void;
  open: (id: string) => void;
}

/**
 * The photos as a grid of which only what is near the view exists, so that 10,000 scroll as 10 do.
 *
 * It is one stop for the Tab key. Arrows move, Space chooses, with Shift a range, Enter opens.
 */
export function SampleGrid({ list, ids, total, selection, select, open }: Props) {
  const { store } = useFunction().workspace;
  const grid = useRef<HTMLDivElement>(null);
  const narrow = useNarrow();
  const shown = useWindow(grid, narrow ? 104 : 148);
  const [active, setActive] = useState(0);
  const name = useId();

  const columns = shown?.columns ?? 1;
  const first = (shown?.firstRow ?? 0) * columns;
  const end = Math.min(total, (shown?.endRow ?? 0) * columns);
  useEffect(() => list.ensure(end), [list, end]);
  useFreshAnswers(ids.slice(first, end));

  function moveTo(index: number, ranging: boolean): void {
    const next = Math.max(0, Math.min(ids.length - 1, index));
    setActive(next);
    const id = ids[next];
    if (ranging && id !== undefined) select(extend(anchored(), id, ids));
    scrollToRow(Math.floor(next / columns));
  }

  /** A range that starts without a choice starts where the focus is. */
  function anchored(): Selection {
    return selection.anchor === null ? { ...selection, anchor: ids[active] ?? null } : selection;
  }

  function scrollToRow(row: number): void {
    if (grid.current === null || shown === null) return;
    const { top } = grid.current.getBoundingClientRect();
    const from = top + row * shown.rowHeight;
    const margin = 130;
    if (from < margin) window.scrollBy(0, from - margin);
    const below = from + shown.rowHeight + margin - window.innerHeight;
    if (below > 0) window.scrollBy(0, below);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const steps: Record<string, number> = {
      ArrowRight: active + 1,
      ArrowLeft: active - 1,
      ArrowDown: active + columns,
      ArrowUp: active - columns,
      Home: 0,
      End: ids.length - 1,
    };
    const id = ids[active];
    const step = steps[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (step !== undefined) moveTo(step, event.shiftKey);
    else if (event.key === " " && id !== undefined) {
      select(event.shiftKey ? extend(anchored(), id, ids) : toggle(selection, id));
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
    const onMark = event.target instanceof Element && event.target.closest(".cell-mark") !== null;
    if (event.shiftKey) select(extend(anchored(), id, ids));
    else if (onMark || selection.chosen.size > 0) select(toggle(selection, id));
    else open(id);
  }

  const rows = Math.ceil(total / columns);
  const cells = Array.from({ length: Math.max(0, end - first) }, (_, offset) => first + offset);
  return (
    <div
      ref={grid}
      className="grid"
      role="listbox"
      tabIndex={0}
      aria-label="Photos"
      aria-multiselectable="true"
      aria-activedescendant={active >= first && active < end ? `${name}-${active}` : undefined}
      style={{ height: shown ? rows * shown.rowHeight : undefined }}
      onKeyDown={onKeyDown}
      onClick={onClick}
    >
      {shown !== null &&
        cells.map((index) => {
          const id = ids[index];
          return (
            <SampleCell
              key={id ?? index}
              domId={`${name}-${index}`}
              index={index}
              total={total}
              sample={id === undefined ? undefined : store.sample(id)}
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
