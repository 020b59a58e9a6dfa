import { useQuery } from "@tanstack/react-query";
import { useState, useSyncExternalStore } from "react";
import { fetchGroups } from "../../api/samples";
import { count } from "../../logic/estimate";
import { Busy, Failed } from "../../parts/Waiting";
import { useFunction } from "../../workspace/context";
import { PhotoDialog } from "../samples/PhotoDialog";
import { DuplicateGroup } from "./DuplicateGroup";
import styles from "./DuplicatesPart.module.css";

const PAGE = 20;

/** Groups of near-duplicates, to make their annotations agree or to delete some. */
export function DuplicatesPart() {
  const { fn, workspace } = useFunction();
  const { store } = workspace;
  const [skip, setSkip] = useState(0);
  const embedded = fn.sampleCounts.embedded;
  const complete = fn.nearDuplicatesComplete;
  // Fetched again when more photos have been embedded, and when these have been compared.
  const {
    data: value,
    error,
    refetch,
  } = useQuery({
    queryKey: ["near-duplicates", fn.id, skip, embedded, complete],
    queryFn: async () => {
      if (embedded < 2) return { total: 0, groups: [] };
      const { totalCount, groups } = await fetchGroups(fn.id, PAGE, skip);
      store.put(groups.flatMap(({ samples }) => samples));
      const found = groups.map(({ size, samples }) => ({ size, ids: samples.map(({ id }) => id) }));
      return { total: totalCount, groups: found };
    },
  });
  const isComparing = error === null && (value === undefined || (value.total === 0 && !complete));
  useSyncExternalStore(store.watch, store.get);
  const [open, setOpen] = useState<{ id: string; ids: string[] } | null>(null);

  return (
    <div className="stack">
      <p className="muted">
        These photos show almost the same. They are never held out apart, so they do not flatter the
        accuracy; but one that is annotated differently from its likes is a slip.
      </p>
      {error !== null && <Failed error={error} retry={() => void refetch()} />}
      {isComparing && <Busy>Comparing photos</Busy>}
      {value?.total === 0 && !isComparing && (
        <section className="card empty">
          <h2>No near-duplicates</h2>
          <p className="muted">
            {embedded < 2
              ? "There are fewer than two photos to compare."
              : "Every photo shows something of its own."}
          </p>
        </section>
      )}
      <ul className={styles["duplicates"]}>
        {value?.groups.map(({ ids, size }) => (
          <DuplicateGroup
            key={ids[0]}
            ids={ids.filter((id) => !store.isHidden(id))}
            size={size}
            open={(id) => setOpen({ id, ids })}
          />
        ))}
      </ul>
      {value !== undefined && value.total > PAGE && (
        <div className="row">
          <button
            type="button"
            className="button"
            disabled={skip === 0}
            onClick={() => setSkip(Math.max(0, skip - PAGE))}
          >
            Previous groups
          </button>
          <button
            type="button"
            className="button"
            disabled={skip + PAGE >= value.total}
            onClick={() => setSkip(skip + PAGE)}
          >
            Next groups
          </button>
          <span className="muted">
            {skip + 1} to {skip + value.groups.length} of {count(value.total, "group")}
          </span>
        </div>
      )}
      {open !== null && (
        <PhotoDialog
          id={open.id}
          ids={open.ids}
          show={(id) => setOpen({ ...open, id })}
          close={() => setOpen(null)}
        />
      )}
    </div>
  );
}
