import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useMutation } from "@tanstack/react-query";
import { count } from "../../logic/estimate";
import {
  type Filters,
  isFiltered,
  listOf,
  noFilters,
  readFilters,
  searchOf,
  withSearch,
  writeFilters,
} from "../../logic/filters";
import { indexOfKey } from "../../logic/keys";
import { hrefOf } from "../../logic/route";
import { foundText, refusalOf } from "../../logic/search";
import type { SampleLabel } from "../../logic/sampleStore";
import { type Selection, nothingChosen } from "../../logic/selection";
import { Busy, Failed } from "../../parts/Waiting";
import { pushRoute, replaceRoute } from "../../parts/router";
import { useKeys } from "../../parts/useKeys";
import { useFunction } from "../../workspace/context";
import { useAnswered } from "../../workspace/useAnswered";
import { AcceptSure } from "./AcceptSure";
import { AddPhotos } from "./AddPhotos";
import { BulkBar } from "./BulkBar";
import { ASK_FROM, DeleteQuestion } from "./DeleteQuestion";
import { FilterBar } from "./FilterBar";
import { PhotoDialog } from "./PhotoDialog";
import { SampleGrid } from "./SampleGrid";
import { useReloadAfterEmbedding, useReloadAfterUploads } from "./useReloads";

/** All photos of a function: add them, look through them, and annotate many at once. */
export function SamplesScreen({ search }: { search: URLSearchParams }) {
  const { fn, workspace } = useFunction();
  const { store } = workspace;
  const filters = useMemo(() => readFilters(search), [search]);
  const newest = useMemo(
    () => ({ filters, rows: workspace.rows(listOf(filters)) }),
    [workspace, filters],
  );
  const list = useAnswered(newest);
  const { rows } = list;
  const { ids: all, total, failure } = useSyncExternalStore(rows.watch, rows.get);
  const changes = useSyncExternalStore(store.watch, store.get);
  const ids = useMemo(
    () => (changes >= 0 ? withoutHidden(all, (id) => store.isHidden(id)) : []),
    [all, changes, store],
  );
  const [selected, setSelected] = useState({ list, selection: nothingChosen });
  // A selection belongs to one list, even if a slow request for it ends after a change of the list.
  const selection = selected.list === list ? selected.selection : nothingChosen;
  const setSelection = useCallback(
    (wanted: Selection) => setSelected({ list, selection: wanted }),
    [list],
  );
  const [openId, setOpenId] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const box = useRef<HTMLInputElement>(null);

  useEffect(() => {
    newest.rows.look(0, 1);
    return () => newest.rows.giveUp();
  }, [newest]);
  useReloadAfterUploads(newest.rows.reload);
  useReloadAfterEmbedding(newest.rows.reload, searchOf(filters) !== null);

  const chosen = useMemo(
    () => [...selection.chosen].filter((id) => !store.isHidden(id)),
    [selection, store],
  );
  const clear = (): void => setSelection(nothingChosen);

  const annotation = useMutation({
    mutationFn: (label: SampleLabel | null) => workspace.annotateAll(chosen, label),
    onSuccess: (step) => {
      workspace.offerUndo(step);
      clear();
    },
  });
  const choice = useMutation({
    mutationFn: async () => {
      const found = await rows.between(0, Number.POSITIVE_INFINITY);
      const visible = found.filter((id) => !store.isHidden(id));
      setSelection({ chosen: new Set(visible), anchor: null });
    },
  });

  function annotateChosen(labelId: string | null): void {
    annotation.mutate(fn.names.find(({ id }) => id === labelId) ?? null);
  }

  function askToDelete(): void {
    if (chosen.length < ASK_FROM) deleteChosen();
    else setAsking(true);
  }

  function deleteChosen(): void {
    setAsking(false);
    workspace.offerUndo(workspace.remove(chosen));
    clear();
  }

  /** Show another list. A new search is a step in the browser's history, so that Back ends it. */
  function change(next: Filters): void {
    clear();
    window.scrollTo(0, 0);
    const go = searchKind(next) === searchKind(filters) ? replaceRoute : pushRoute;
    go(hrefOf(fn.id, "samples", writeFilters(next)));
  }

  function moreLike(likeId: string): void {
    change(withSearch(filters, { likeId }));
  }

  useKeys((event) => {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "z") workspace.undo();
    else if (command && event.key.toLowerCase() === "a") choice.mutate(undefined);
    else if (command) return false;
    else if (event.key === "/") box.current?.focus();
    else if (event.key === "Escape") {
      if (chosen.length > 0 || searchOf(filters) === null) clear();
      else change(withSearch(filters, null));
    } else if (chosen.length === 0) return false;
    else if (event.key === "Delete") askToDelete();
    else {
      const index = indexOfKey(event.key, fn.labels.length);
      if (index === null) return false;
      annotateChosen(fn.labels[index]?.id ?? null);
    }
    return true;
  });

  /** Open a photo, and load its neighbours. */
  function open(id: string): void {
    const at = all.indexOf(id);
    if (at >= 0) rows.look(Math.max(0, at - 20), Math.min(all.length, at + 20));
    setOpenId(id);
  }

  const shown = total === null ? null : ids.length;
  const empty = shown === 0;
  const refusal = failure === null ? null : refusalOf(failure, list.filters);
  return (
    <div className="stack">
      <AddPhotos offer={empty && !isFiltered(list.filters)}>
        <div className="row">
          <h1>Samples</h1>
          <a className="button quiet compact" href={hrefOf(fn.id, "map")}>
            Map
          </a>
          <a className="button quiet compact" href={hrefOf(fn.id, "trash")}>
            Trash
          </a>
        </div>
      </AddPhotos>
      {!(empty && !isFiltered(list.filters)) && (
        <FilterBar
          box={box}
          filters={filters}
          found={shown === null ? "" : foundText(shown, list.filters)}
          change={change}
        />
      )}
      <AcceptSure filters={filters} reload={newest.rows.reload} />
      {refusal !== null && (
        <Failed error={refusal.error} {...(refusal.mayWorkLater && { retry: rows.reload })} />
      )}
      {total === null && failure === null && <Busy>Loading photos</Busy>}
      {empty && isFiltered(list.filters) && (
        <p className="muted">
          {noneFound(list.filters)}{" "}
          <a href={hrefOf(fn.id, "samples", writeFilters(noFilters))}>Show all</a>
        </p>
      )}
      {shown !== null && shown > 0 && (
        <SampleGrid
          rows={rows}
          ids={ids}
          isOld={list !== newest}
          selection={selection}
          select={setSelection}
          open={open}
          moreLike={moreLike}
        />
      )}
      {(chosen.length > 0 || choice.isPending) && (
        <BulkBar
          chosen={chosen}
          all={shown ?? 0}
          busy={annotation.isPending || choice.isPending}
          annotate={annotateChosen}
          moreLike={moreLike}
          remove={askToDelete}
          chooseAll={() => choice.mutate(undefined)}
          clear={clear}
        />
      )}
      {(annotation.error ?? choice.error) !== null && (
        <Failed error={annotation.error ?? choice.error} />
      )}
      <p className="visually-hidden" role="status">
        {chosen.length > 0 ? `${count(chosen.length, "photo")} chosen.` : ""}
      </p>
      {asking && (
        <DeleteQuestion
          photos={chosen.length}
          annotated={chosen.filter((id) => store.sample(id)?.annotation != null).length}
          remove={deleteChosen}
          close={() => setAsking(false)}
        />
      )}
      {openId !== null && (
        <PhotoDialog
          id={openId}
          ids={ids}
          show={open}
          moreLike={moreLike}
          close={() => setOpenId(null)}
        />
      )}
    </div>
  );
}

function searchKind({ likeId, words }: Filters): string {
  return likeId ?? (words === "" ? "none" : "words");
}

function noneFound(filters: Filters): string {
  const isSearchAlone = searchOf(filters) !== null && !isFiltered(withSearch(filters, null));
  return isSearchAlone ? "No photo can be compared yet." : "No photo matches these filters.";
}

/** The rows without photos that are being deleted; the same array if there are none. */
function withoutHidden(
  ids: readonly (string | undefined)[],
  isHidden: (id: string) => boolean,
): readonly (string | undefined)[] {
  const gone = (id: string | undefined): boolean => id !== undefined && isHidden(id);
  return ids.some(gone) ? ids.filter((id) => !gone(id)) : ids;
}
