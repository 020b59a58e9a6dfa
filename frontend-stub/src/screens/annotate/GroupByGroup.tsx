import { useEffect, useEffectEvent, useRef, useState, useSyncExternalStore } from "react";
import { fetchPhotoGroups } from "../../api/sampleGroups";
import { refetchSamples } from "../../api/samples";
import { count } from "../../logic/estimate";
import { GroupDeck } from "../../logic/groupDeck";
import { expectedIn } from "../../logic/groupWords";
import { indexOfKey } from "../../logic/keys";
import { LabelButtons } from "../../parts/LabelButtons";
import { LabelName } from "../../parts/LabelName";
import { Picture } from "../../parts/Picture";
import { Busy, Failed } from "../../parts/Waiting";
import { announcer } from "../../parts/notices";
import { isUndo, useKeys } from "../../parts/useKeys";
import { useFunction } from "../../workspace/context";
import { FindLabel } from "./FindLabel";
import { MANY_LABELS } from "./OneByOne";
import { TurnActions } from "./TurnActions";
import styles from "./GroupByGroup.module.css";
import cellStyles from "../../parts/Cell.module.css";

const REGROUP_AT_MOST_EVERY_MS = 3_000;

const none: ReadonlySet<string> = new Set();

/** Photos that probably show the same: one key labels the whole group, a click takes a photo out. */
export function GroupByGroup() {
  const { fn, workspace } = useFunction();
  const [deck] = useState(
    () =>
      new GroupDeck(workspace.store, {
        groups: (after) => fetchPhotoGroups(workspace.functionId, after),
        samples: refetchSamples,
      }),
  );
  const { groups, at, loading, finished, failure } = useSyncExternalStore(deck.watch, deck.get);
  useSyncExternalStore(workspace.store.watch, workspace.store.get);
  const [out, setOut] = useState(none);
  const grid = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const { names: labels } = fn;
  const group = groups[at];
  const ids = group === undefined ? [] : deck.left(group);
  const guess = labels.findIndex(({ id }) => id === group?.label?.id);

  useEffect(() => deck.refill(), [deck]);
  useRegrouping(deck);

  function annotate(index: number): void {
    const label = labels[index];
    const wanted = ids.filter((id) => !out.has(id));
    if (group === undefined || label === undefined) return;
    if (wanted.length === 0) {
      announcer.say("No photo is left in the group. Skip it, or put one back.");
      return;
    }
    workspace.annotate(wanted, label, () => {
      deck.returnTo(group);
      setOut(out);
    });
    deck.advance(
      label.id,
      ids.filter((id) => out.has(id)),
    );
    setOut(none);
    announcer.say(`${count(wanted.length, "photo")} annotated as ${label.name}. Next group.`);
  }

  function skip(): void {
    if (group === undefined) return;
    workspace.did("Group skipped", () => {
      deck.returnTo(group);
      setOut(out);
    });
    deck.pass();
    setOut(none);
    announcer.say("Skipped. Next group.");
  }

  function toggle(id: string): void {
    const next = new Set(out);
    if (!next.delete(id)) next.add(id);
    setOut(next);
  }

  function move(by: number): void {
    const photos = [...(grid.current?.children ?? [])];
    const now = photos.findIndex((photo) => photo === document.activeElement);
    const next = Math.max(0, Math.min(photos.length - 1, now + by));
    (photos[next] as HTMLElement | undefined)?.focus();
  }

  useKeys((event) => {
    if (isUndo(event)) {
      workspace.undo();
      return true;
    }
    if (event.ctrlKey || event.metaKey) return false;
    const control = document.activeElement?.closest("a, button, summary") ?? null;
    const onPhoto = control !== null && grid.current?.contains(control) === true;
    const index = indexOfKey(event.key, labels.length);
    if (index !== null) annotate(index);
    else if (event.key === "Backspace") workspace.undo();
    else if (event.key === "ArrowRight") move(1);
    else if (event.key === "ArrowLeft") move(-1);
    else if (event.key === "/" && search.current) search.current.focus();
    else if (event.key === "Escape") setOut(none);
    else if (event.key === "Enter" && guess >= 0 && (control === null || onPhoto)) annotate(guess);
    else if (event.key === " " && control === null) skip();
    else return false;
    return true;
  });

  if (group === undefined) {
    if (failure !== null) return <Failed error={failure} retry={() => deck.regroup()} />;
    if (loading || !finished) return <Busy>Grouping photos</Busy>;
    return <NoGroup deck={deck} />;
  }
  return (
    <div className={styles["group"]}>
      <h2>
        {count(ids.length, "photo")}{" "}
        {group.label !== null ? (
          <>
            like <LabelName label={group.label} />
          </>
        ) : fn.model === null ? (
          "that look alike"
        ) : (
          "like nothing that it knows"
        )}
      </h2>
      <p className="muted small">
        {expectedIn(group.purity, ids.length)}Click what does not belong, then press the label’s
        key.
        {guess >= 0 && (
          <>
            {" "}
            <kbd className="key">Enter</kbd> agrees.
          </>
        )}
      </p>
      <div ref={grid} className={styles["photos"]} role="group" aria-label="Photos of the group">
        {ids.map((id, index) => (
          <button
            key={id}
            type="button"
            className={`${cellStyles["cell"]} ${styles["photo"]}`}
            aria-pressed={!out.has(id)}
            onClick={() => toggle(id)}
          >
            <Picture
              sources={[workspace.store.sample(id)?.image.thumbnail ?? ""]}
              alt={`Photo ${index + 1}`}
            />
          </button>
        ))}
      </div>
      {labels.length > MANY_LABELS && <FindLabel ref={search} labels={labels} pick={annotate} />}
      <LabelButtons
        labels={labels}
        pressedId={null}
        press={annotate}
        guessId={group.label?.id ?? null}
      />
      <TurnActions skip={skip} />
    </div>
  );
}

function NoGroup({ deck }: { deck: GroupDeck }) {
  const { embedded, total, unannotated } = useFunction().fn.sampleCounts;
  return (
    <section className="card empty">
      <h2>{unannotated === 0 ? "No photo is left to group" : "No group is left"}</h2>
      <p className="muted">
        {embedded < total
          ? "Photos join a group once they have been read. That takes a moment."
          : deck.hasPassed
            ? "What you skipped is still without a label."
            : "Add more photos, or annotate the rest one by one."}
      </p>
      <button
        type="button"
        className="button"
        onClick={() => (deck.hasPassed ? deck.showPassed() : deck.regroup())}
      >
        {deck.hasPassed ? "Look at the skipped again" : "Look again"}
      </button>
    </section>
  );
}

/** Group the coming photos again after each training run, and once more photos have been read. */
function useRegrouping(deck: GroupDeck): void {
  const { fn } = useFunction();
  const version = fn.model?.version ?? 0;
  const { embedded } = fn.sampleCounts;
  const seen = useRef({ version, embedded, at: 0 });
  const regroup = useEffectEvent(() => {
    seen.current = { version, embedded, at: Date.now() };
    deck.regroup();
  });
  useEffect(() => {
    const before = seen.current;
    const more = before.embedded < embedded && deck.get().finished;
    if (before.version === version && !more) return;
    const wait = before.at + REGROUP_AT_MOST_EVERY_MS - Date.now();
    const timer = setTimeout(regroup, Math.max(0, wait));
    return () => clearTimeout(timer);
  }, [deck, version, embedded]);
}
