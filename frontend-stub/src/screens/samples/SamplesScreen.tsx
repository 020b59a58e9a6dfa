import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { count } from "../../logic/estimate";
import {
  filterOf,
  isFiltered,
  noFilters,
  orderOf,
  readFilters,
  writeFilters,
} from "../../logic/filters";
import { indexOfKey } from "../../logic/keys";
import { hrefOf } from "../../logic/route";
import { type Selection, nothingChosen } from "../../logic/selection";
import { Busy, Failed } from "../../parts/Waiting";
import { replaceRoute } from "../../parts/router";
import { useKeys } from "../../parts/useKeys";
import { useFunction } from "../../workspace/context";
import { AddPhotos } from "./AddPhotos";
import { BulkBar } from "./BulkBar";
import { FilterBar } from "./FilterBar";
import { PhotoDialog } from "./PhotoDialog";
import { SampleGrid } from "./SampleGrid";

/** All photos of a function: add, look through, choose many and say what they are. */
export function SamplesScreen({ search }: { search: URLSearchParams }) {
  const { fn, workspace } = useFunction();
  const { store } = workspace;
  const filters = useMemo(() => readFilters(search), [search]);
  const list = useMemo(
    () => workspace.list(filterOf(filters), orderOf(filters)),
    [workspace, filters],
  );
  const { ids: loaded, total, failure } = useSyncExternalStore(list.watch, list.get);
  const changes = useSyncExternalStore(store.watch, store.get);
  const ids = useMemo(
    () => (changes >= 0 ? loaded.filter((id) => !store.isHidden(id)) : []),
    [loaded, changes, store],
  );
  const [selection, setSelection] = useState<Selection>(nothingChosen);
  const [openId, setOpenId] = useState<string | null>(null);

  useEffect(() => list.ensure(1), [list]);
  useReloadAfterUploads(list.reload);

  const chosen = useMemo(
    () => [...selection.chosen].filter((id) => !store.isHidden(id)),
    [selection, store],
  );
  const clear = useCallback(() => setSelection(nothingChosen), []);

  function annotateChosen(labelId: string | null): void {
    const label = fn.labels.find(({ id }) => id === labelId) ?? null;
    workspace.offerUndo(workspace.annotate(chosen, label));
    clear();
  }

  function deleteChosen(): void {
    workspace.offerUndo(workspace.remove(chosen));
    clear();
  }

  useKeys((event) => {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "z") workspace.undo();
    else if (command && event.key.toLowerCase() === "a") void list.all().then(choose);
    else if (command) return false;
    else if (event.key === "Escape") clear();
    else if (chosen.length === 0) return false;
    else if (event.key === "Delete") deleteChosen();
    else {
      const index = indexOfKey(event.key, fn.labels.length);
      if (index === null) return false;
      annotateChosen(fn.labels[index]?.id ?? null);
    }
    return true;
  });

  function choose(all: string[]): void {
    setSelection({ chosen: new Set(all.filter((id) => !store.isHidden(id))), anchor: null });
  }

  const hiddenCount = loaded.length - ids.length;
  const shown = total === null ? null : total - hiddenCount;
  const empty = shown === 0;
  return (
    <div className="stack">
      <AddPhotos offer={empty && !isFiltered(filters)}>
        <h1>Samples</h1>
      </AddPhotos>
      {!(empty && !isFiltered(filters)) && (
        <FilterBar
          filters={filters}
          total={shown}
          change={(next) => {
            clear();
            replaceRoute(hrefOf(fn.id, "samples", writeFilters(next)));
          }}
        />
      )}
      {failure !== null && <Failed error={failure} retry={() => list.reload()} />}
      {total === null && failure === null && <Busy>Loading photos</Busy>}
      {empty && isFiltered(filters) && (
        <p className="muted">
          No photo matches these filters.{" "}
          <a href={hrefOf(fn.id, "samples", writeFilters(noFilters))}>Show all</a>
        </p>
      )}
      {shown !== null && shown > 0 && (
        <SampleGrid
          list={list}
          ids={ids}
          total={shown}
          selection={selection}
          select={setSelection}
          open={setOpenId}
        />
      )}
      {chosen.length > 0 && (
        <BulkBar
          chosen={chosen.length}
          all={shown ?? 0}
          annotate={annotateChosen}
          remove={deleteChosen}
          chooseAll={() => void list.all().then(choose)}
          clear={clear}
        />
      )}
      <p className="visually-hidden" role="status">
        {chosen.length > 0 ? `${count(chosen.length, "photo")} chosen.` : ""}
      </p>
      {openId !== null && (
        <PhotoDialog id={openId} ids={ids} show={setOpenId} close={() => setOpenId(null)} />
      )}
    </div>
  );
}

const LOOK_EVERY_MS = 1_500;

/** Show new photos while they come in, and all of them at the end. */
function useReloadAfterUploads(reload: () => void): void {
  const { uploads } = useFunction().workspace;
  const { done, active } = useSyncExternalStore(uploads.watch, uploads.get);
  const seen = useRef({ done, at: 0 });
  useEffect(() => {
    if (done === seen.current.done) return;
    const wait = active ? Math.max(0, seen.current.at + LOOK_EVERY_MS - Date.now()) : 0;
    const timer = setTimeout(() => {
      seen.current = { done, at: Date.now() };
      reload();
    }, wait);
    return () => clearTimeout(timer);
  }, [done, active, reload]);
}
