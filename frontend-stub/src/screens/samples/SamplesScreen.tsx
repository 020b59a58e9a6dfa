import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useMutation } from "@tanstack/react-query";
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
import type { SampleLabel } from "../../logic/sampleStore";
import { type Selection, nothingChosen } from "../../logic/selection";
import { Busy, Failed } from "../../parts/Waiting";
import { replaceRoute } from "../../parts/router";
import { useKeys } from "../../parts/useKeys";
import { useFunction } from "../../workspace/context";
import { AddPhotos } from "./AddPhotos";
import { BulkBar } from "./BulkBar";
import { ASK_FROM, DeleteQuestion } from "./DeleteQuestion";
import { FilterBar } from "./FilterBar";
import { PhotoDialog } from "./PhotoDialog";
import { SampleGrid } from "./SampleGrid";

/** All photos of a function: add, look through, choose many and say what they are. */
export function SamplesScreen({ search }: { search: URLSearchParams }) {
  const { fn, workspace } = useFunction();
  const { store } = workspace;
  const filters = useMemo(() => readFilters(search), [search]);
  const rows = useMemo(
    () => workspace.rows(filterOf(filters), orderOf(filters)),
    [workspace, filters],
  );
  const { ids: all, total, failure } = useSyncExternalStore(rows.watch, rows.get);
  const changes = useSyncExternalStore(store.watch, store.get);
  const ids = useMemo(
    () => (changes >= 0 ? withoutHidden(all, (id) => store.isHidden(id)) : []),
    [all, changes, store],
  );
  const [selection, setSelection] = useState<Selection>(nothingChosen);
  const [openId, setOpenId] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);

  useEffect(() => rows.look(0, 1), [rows]);
  useReloadAfterUploads(rows.reload);

  const chosen = useMemo(
    () => [...selection.chosen].filter((id) => !store.isHidden(id)),
    [selection, store],
  );
  const clear = useCallback(() => setSelection(nothingChosen), []);

  const annotation = useMutation({
    mutationFn: (label: SampleLabel | null) => workspace.annotateAll(chosen, label),
    onSuccess: (step) => {
      workspace.offerUndo(step);
      clear();
    },
  });
  const choice = useMutation({
    mutationFn: () => rows.between(0, Number.POSITIVE_INFINITY),
    onSuccess: (found) => {
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

  useKeys((event) => {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "z") workspace.undo();
    else if (command && event.key.toLowerCase() === "a") choice.mutate(undefined);
    else if (command) return false;
    else if (event.key === "Escape") clear();
    else if (chosen.length === 0) return false;
    else if (event.key === "Delete") askToDelete();
    else {
      const index = indexOfKey(event.key, fn.labels.length);
      if (index === null) return false;
      annotateChosen(fn.labels[index]?.id ?? null);
    }
    return true;
  });

  /** Open a photo, with its neighbours on their way. */
  function open(id: string): void {
    const at = all.indexOf(id);
    if (at >= 0) rows.look(Math.max(0, at - 20), Math.min(all.length, at + 20));
    setOpenId(id);
  }

  const shown = total === null ? null : ids.length;
  const empty = shown === 0;
  return (
    <div className="stack">
      <AddPhotos offer={empty && !isFiltered(filters)}>
        <div className="row">
          <h1>Samples</h1>
          <a className="button quiet compact" href={hrefOf(fn.id, "trash")}>
            Trash
          </a>
        </div>
      </AddPhotos>
      {!(empty && !isFiltered(filters)) && (
        <FilterBar
          filters={filters}
          total={shown}
          change={(next) => {
            clear();
            window.scrollTo(0, 0);
            replaceRoute(hrefOf(fn.id, "samples", writeFilters(next)));
          }}
        />
      )}
      {failure !== null && <Failed error={failure} retry={rows.reload} />}
      {total === null && failure === null && <Busy>Loading photos</Busy>}
      {empty && isFiltered(filters) && (
        <p className="muted">
          No photo matches these filters.{" "}
          <a href={hrefOf(fn.id, "samples", writeFilters(noFilters))}>Show all</a>
        </p>
      )}
      {shown !== null && shown > 0 && (
        <SampleGrid rows={rows} ids={ids} selection={selection} select={setSelection} open={open} />
      )}
      {(chosen.length > 0 || choice.isPending) && (
        <BulkBar
          chosen={chosen.length}
          all={shown ?? 0}
          busy={annotation.isPending || choice.isPending}
          annotate={annotateChosen}
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
        <PhotoDialog id={openId} ids={ids} show={open} close={() => setOpenId(null)} />
      )}
    </div>
  );
}

/** The rows without what is being deleted; the very same where nothing is. */
function withoutHidden(
  ids: readonly (string | undefined)[],
  isHidden: (id: string) => boolean,
): readonly (string | undefined)[] {
  const gone = (id: string | undefined): boolean => id !== undefined && isHidden(id);
  return ids.some(gone) ? ids.filter((id) => !gone(id)) : ids;
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
