import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { count, percent } from "../../logic/estimate";
import type { SampleLabel } from "../../logic/sampleStore";
import { LabelSelect } from "../../parts/LabelSelect";
import { Picture } from "../../parts/Picture";
import { Busy, Failed } from "../../parts/Waiting";
import { announcer } from "../../parts/notices";
import { useFunction } from "../../workspace/context";

/** Photos where the model, taught without them, says something else than you: likeliest slips first. */
export function MistakesPart() {
  const { workspace } = useFunction();
  const list = useMemo(
    () => workspace.list({ disputed: true }, { field: "MISTAKE_SCORE", direction: "DESC" }),
    [workspace],
  );
  const { ids, total, failure, loading } = useSyncExternalStore(list.watch, list.get);
  useSyncExternalStore(workspace.store.watch, workspace.store.get);
  useEffect(() => list.ensure(1), [list]);

  const { store } = workspace;
  const open = ids.filter((id) => store.sample(id)?.disputed === true && !store.isHidden(id));
  const cards = useRef<HTMLUListElement>(null);

  /** Settle one, and go on with the one that takes its place. */
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
      {failure !== null && <Failed error={failure} retry={list.reload} />}
      {total === null && failure === null && <Busy>Looking for disagreements</Busy>}
      {total !== null && open.length === 0 && !loading && (
        <section className="card empty">
          <h2>No disagreement left</h2>
          <p className="muted">
            Wherever you annotated, the model says the same or you kept yours.
          </p>
        </section>
      )}
      <ul className="mistakes" ref={cards}>
        {open.map((id) => (
          <Mistake key={id} id={id} settle={(label) => settle(id, label)} />
        ))}
      </ul>
      {total !== null && ids.length < total && (
        <button
          type="button"
          className="button"
          disabled={loading}
          onClick={() => list.ensure(ids.length + 100)}
        >
          {loading ? "Loading…" : `Show more of ${count(total, "photo")}`}
        </button>
      )}
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
    <li className="card mistake" data-sample={id}>
      <Picture
        sources={[image.url, image.thumbnail]}
        alt={`Annotated ${annotation.label.name}`}
        loading="lazy"
      />
      <div className="mistake-text">
        <p>
          You: <strong>{annotation.label.name}</strong>
        </p>
        <p>
          Model: <strong>{crossValidated.label.name}</strong>{" "}
          <span className="muted small">{percent(crossValidated.confidence)} sure</span>
        </p>
        <div className="mistake-actions">
          <button type="button" className="button compact" onClick={() => settle(annotation.label)}>
            Keep {annotation.label.name}
          </button>
          <button
            type="button"
            className="button compact"
            onClick={() => change(crossValidated.label.id)}
          >
            Change to {crossValidated.label.name}
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
