import { useRef, useSyncExternalStore } from "react";
import { isDoubted } from "../../logic/doubt";
import { count, percent } from "../../logic/estimate";
import { isolated } from "../../logic/isolated";
import type { SampleLabel } from "../../logic/sampleStore";
import { LabelSelect } from "../../parts/LabelSelect";
import { Picture } from "../../parts/Picture";
import { ShowMore } from "../../parts/ShowMore";
import { Busy, Failed } from "../../parts/Waiting";
import { announcer } from "../../parts/notices";
import { useFunction } from "../../workspace/context";
import { LabelName } from "../../parts/LabelName";
import { useSampleList } from "../../workspace/useSampleList";
import styles from "./MistakesPart.module.css";

/** Photos that the model, trained without them, predicts differently: likeliest mistakes first. */
export function MistakesPart() {
  const { fn, workspace } = useFunction();
  const { taughtIds } = fn;
  // If one of the labels has no photos, the doubt is a guess from its name, and is not shown.
  const between = taughtIds.length < fn.labels.length && {
    labelIds: taughtIds,
    predictedLabelIds: taughtIds,
  };
  const list = useSampleList(
    { disputed: true, ...between },
    { field: "MISTAKE_SCORE", direction: "DESC" },
  );
  const { ids = [], total = 0 } = list.data ?? {};
  useSyncExternalStore(workspace.store.watch, workspace.store.get);

  const { store } = workspace;
  const open = ids.filter((id) => {
    const sample = store.sample(id);
    return sample !== undefined && isDoubted(sample, taughtIds) && !store.isHidden(id);
  });
  const cards = useRef<HTMLUListElement>(null);

  /** Settle one photo, and continue with the one that takes its place. */
  function settle(id: string, label: SampleLabel): void {
    const place = open.indexOf(id);
    const step = workspace.settleAs(id, label);
    workspace.offerUndo(step);
    announcer.say(`${step.done}.`);
    requestAnimationFrame(() => {
      const next = cards.current?.children[Math.min(place, open.length - 2)];
      next?.querySelector("button")?.focus({ preventScroll: true });
    });
  }

  return (
    <div className="stack">
      <p className="muted">
        Here you and the model disagree, though it did not learn from the photo that it judges. The
        likeliest slips stand first. What you keep is not asked again.
      </p>
      {list.error !== null && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Busy>Looking for disagreements</Busy>}
      {list.isSuccess && open.length === 0 && !list.isFetching && (
        <section className="card empty">
          {taughtIds.length < 2 ? (
            <>
              <h2>Nothing to compare yet</h2>
              <p className="muted">Annotate photos of at least two labels.</p>
            </>
          ) : (
            <>
              <h2>No disagreement left</h2>
              <p className="muted">
                Wherever you annotated, the model says the same or you kept yours.
              </p>
            </>
          )}
        </section>
      )}
      <ul className={styles["mistakes"]} ref={cards}>
        {open.map((id) => (
          <Mistake key={id} id={id} settle={(label) => settle(id, label)} />
        ))}
      </ul>
      <ShowMore list={list} label={`Show more of ${count(total, "photo")}`} pending="Loading…" />
    </div>
  );
}

function Mistake({ id, settle }: { id: string; settle: (label: SampleLabel) => void }) {
  const { fn, workspace } = useFunction();
  const sample = workspace.store.sample(id);
  if (!sample?.annotation || sample.crossValidated === null) return null;
  const { annotation, crossValidated, image } = sample;

  function change(labelId: string): void {
    const label = fn.labels.find((one) => one.id === labelId);
    if (label) settle({ id: label.id, name: label.name });
  }

  return (
    <li className={`card ${styles["mistake"]}`} data-sample={id}>
      <Picture
        sources={[image.url, image.thumbnail]}
        alt={`Annotated ${isolated(annotation.label.name)}`}
        className={styles["photo"]}
        loading="lazy"
      />
      <div>
        <p>
          You:{" "}
          <strong>
            <LabelName label={annotation.label} />
          </strong>
        </p>
        <p>
          Model:{" "}
          <strong>
            <LabelName label={crossValidated.label} />
          </strong>{" "}
          <span className="muted small">{percent(crossValidated.confidence)} sure</span>
        </p>
        <div className={styles["actions"]}>
          <button type="button" className="button compact" onClick={() => settle(annotation.label)}>
            Keep <bdi>{annotation.label.name}</bdi>
          </button>
          <button
            type="button"
            className="button compact"
            onClick={() => change(crossValidated.label.id)}
          >
            Change to <bdi>{crossValidated.label.name}</bdi>
          </button>
          <LabelSelect
            labels={fn.labels}
            name="Change to another label"
            prompt="Another…"
            choose={settle}
          />
        </div>
      </div>
    </li>
  );
}
