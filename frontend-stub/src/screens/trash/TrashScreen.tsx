import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Deleted, fetchTrash, purgeSamples } from "../../api/trash";
import { count } from "../../logic/estimate";
import { hrefOf } from "../../logic/route";
import { Dialog } from "../../parts/Dialog";
import { LabelName } from "../../parts/LabelName";
import { Picture } from "../../parts/Picture";
import { ShowMore } from "../../parts/ShowMore";
import { Busy, Failed } from "../../parts/Waiting";
import { notices } from "../../parts/notices";
import { useFunction } from "../../workspace/context";
import cellStyles from "../../parts/Cell.module.css";
import styles from "./TrashScreen.module.css";

const dates = new Intl.DateTimeFormat("en", { dateStyle: "medium" });

/** Deleted photos, to restore with their annotations or to delete permanently. */
export function TrashScreen() {
  const { fn, workspace } = useFunction();
  const queries = useQueryClient();
  const queryKey = ["trash", fn.id];
  const list = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => fetchTrash(fn.id, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    staleTime: 0,
  });
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState(false);

  const pages = list.data?.pages ?? [];
  const photos = pages.flatMap((page) => page.photos);
  const total = pages.at(-1)?.total ?? 0;
  const ids = photos.map(({ id }) => id).filter((id) => chosen.has(id));

  const reload = async (): Promise<void> => {
    choose(new Set());
    await queries.invalidateQueries({ queryKey });
  };
  const restoring = useMutation({
    mutationFn: () => workspace.restore(ids),
    onSuccess: () => notices.show(`${count(ids.length, "photo")} restored.`),
    onSettled: reload,
  });
  const purging = useMutation({
    mutationFn: () => purgeSamples(ids),
    onSuccess: () => notices.show(`${count(ids.length, "photo")} deleted for good.`),
    onSettled: reload,
  });
  const busy = restoring.isPending || purging.isPending;
  const failure = list.error ?? restoring.error ?? purging.error;

  return (
    <div className="stack">
      <div className="row spread">
        <h1>Trash</h1>
        <a href={hrefOf(fn.id, "samples")}>Back to the photos</a>
      </div>
      <p className="muted">
        Deleted photos stay here for a while, with their annotations. Nothing is learned from them.
      </p>
      {failure !== null && <Failed error={failure} retry={() => void list.refetch()} />}
      {list.isPending && <Busy>Loading photos</Busy>}
      {list.isSuccess && total === 0 && (
        <section className="card empty">
          <h2>The trash is empty</h2>
          <p className="muted">Photos that you delete come here first.</p>
        </section>
      )}
      {photos.length > 0 && (
        <>
          <div className="row" role="toolbar" aria-label="Trash">
            <button
              type="button"
              className="button primary"
              disabled={ids.length === 0 || busy}
              onClick={() => restoring.mutate(undefined)}
            >
              Restore
            </button>
            <button
              type="button"
              className="button danger"
              disabled={ids.length === 0 || busy}
              onClick={() => setAsking(true)}
            >
              Delete for good
            </button>
            <button
              type="button"
              className="button quiet"
              onClick={() =>
                choose(new Set(ids.length === photos.length ? [] : photos.map(({ id }) => id)))
              }
            >
              {ids.length === photos.length ? "Choose none" : "Choose all"}
            </button>
            <span className="muted small number" role="status">
              {ids.length > 0 ? `${count(ids.length, "photo")} chosen` : count(total, "photo")}
            </span>
          </div>
          <ul className={styles["photos"]} aria-label="Deleted photos">
            {photos.map((photo) => (
              <DeletedPhoto
                key={photo.id}
                photo={photo}
                chosen={chosen.has(photo.id)}
                toggle={() => choose(toggled(chosen, photo.id))}
              />
            ))}
          </ul>
          <ShowMore list={list} />
        </>
      )}
      {asking && (
        <Dialog
          title={`Delete ${count(ids.length, "photo")} for good?`}
          close={() => setAsking(false)}
        >
          <p>The photos and their annotations are gone then. It cannot be undone.</p>
          <div className="dialog-foot">
            <button
              type="button"
              className="button"
              data-first-focus=""
              onClick={() => setAsking(false)}
            >
              Cancel
            </button>
            <button
              type="button"
              className="button danger"
              onClick={() => {
                setAsking(false);
                purging.mutate(undefined);
              }}
            >
              Delete for good
            </button>
          </div>
        </Dialog>
      )}
    </div>
  );
}

interface PhotoProps {
  photo: Deleted;
  chosen: boolean;
  toggle: () => void;
}

function DeletedPhoto({ photo, chosen, toggle }: PhotoProps) {
  const { label, fileName, image, purgedAt } = photo;
  const until = `until ${dates.format(new Date(purgedAt))}`;
  const alt = [label?.name ?? "Not annotated", fileName].filter(Boolean).join(", ");
  return (
    <li>
      <button
        type="button"
        className={`${cellStyles["cell"]} ${styles["photo"]}`}
        aria-pressed={chosen}
        onClick={toggle}
      >
        <Picture sources={[image.thumbnail, image.url]} alt={alt} loading="lazy" />
        {label !== null && (
          <span className={cellStyles["label"]} aria-hidden="true">
            <LabelName label={label} />
          </span>
        )}
      </button>
      <span className="muted small">{until}</span>
    </li>
  );
}

function toggled(chosen: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(chosen);
  if (!next.delete(id)) next.add(id);
  return next;
}
