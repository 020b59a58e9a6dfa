import { useRef, useState, useSyncExternalStore } from "react";
import type { CaptureCount, CaptureReason } from "../../api/monitoring";
import { count, percent } from "../../logic/estimate";
import { reasonName, waitingReasons } from "../../logic/monitoring";
import { hrefOf } from "../../logic/route";
import type { SampleLabel } from "../../logic/sampleStore";
import { LabelName } from "../../parts/LabelName";
import { LabelSelect } from "../../parts/LabelSelect";
import { Picture } from "../../parts/Picture";
import { ShowMore } from "../../parts/ShowMore";
import { Busy, Failed } from "../../parts/Waiting";
import { announcer } from "../../parts/notices";
import { useFunction } from "../../workspace/context";
import { useSampleList } from "../../workspace/useSampleList";
import styles from "./ReviewQueue.module.css";

/** Photos that were kept of what it was asked and that nobody has labelled, the least sure first. */
export function ReviewQueue({ captures }: { captures: readonly CaptureCount[] }) {
  const { fn, workspace } = useFunction();
  const { store } = workspace;
  const [chosen, choose] = useState<CaptureReason | null>(null);
  const list = useSampleList(
    { source: "CAPTURE", annotated: false, ...(chosen && { captureReasons: [chosen] }) },
    { field: "CONFIDENCE", direction: "ASC" },
  );
  const { ids = [], total = 0 } = list.data ?? {};
  useSyncExternalStore(store.watch, store.get);
  const open = ids.filter((id) => store.sample(id)?.annotation === null && !store.isHidden(id));
  const cards = useRef<HTMLUListElement>(null);

  /** Label one photo, or delete it, and continue with the one that takes its place. */
  function settle(id: string, label: SampleLabel | null): void {
    const place = open.indexOf(id);
    const step = label === null ? workspace.remove([id]) : workspace.annotate([id], label);
    workspace.offerUndo(step);
    announcer.say(`${step.done}.`);
    requestAnimationFrame(() => {
      const next = cards.current?.children[Math.min(place, open.length - 2)];
      next?.querySelector("button")?.focus({ preventScroll: true });
    });
  }

  return (
    <section className="stack" aria-labelledby="review-queue">
      <h2 id="review-queue">Kept for you to look at</h2>
      <Captured captures={captures} chosen={chosen} choose={choose} />
      {list.error !== null && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Busy>Looking for photos</Busy>}
      {list.isSuccess && open.length === 0 && captures.length > 0 && !list.isFetching && (
        <p className="card">Every photo that was kept has a label.</p>
      )}
      <ul className={styles["queue"]} ref={cards}>
        {open.map((id) => (
          <Waiting key={id} id={id} settle={(label) => settle(id, label)} />
        ))}
      </ul>
      <ShowMore list={list} label={`Show more of ${count(total, "photo")}`} pending="Loading…" />
      <p className="muted small">
        <a href={hrefOf(fn.id, "settings")}>Which photos are kept</a> is a setting.
      </p>
    </section>
  );
}

interface ChoiceProps {
  captures: readonly CaptureCount[];
  chosen: CaptureReason | null;
  choose: (reason: CaptureReason | null) => void;
}

/** Why photos were kept, and how many of them wait, as choices. */
function Captured({ captures, chosen, choose }: ChoiceProps) {
  if (captures.length === 0) {
    return (
      <p className="muted">
        No photo was kept of what it was asked. Turn it on in the settings to learn from those that
        it is unsure about.
      </p>
    );
  }
  const reasons = waitingReasons(captures);
  const kept = captures.map(
    (one) => `${reasonName(one.reason).toLowerCase()} ${one.count.toLocaleString("en")}`,
  );
  return (
    <>
      <p className="muted small">Kept so far: {kept.join(", ")}.</p>
      {reasons.length > 0 && (
        <div className="row" role="group" aria-label="Why they were kept">
          {[null, ...reasons].map((reason) => (
            <button
              key={reason}
              type="button"
              className="button compact"
              aria-pressed={reason === chosen}
              onClick={() => choose(reason)}
            >
              {reason === null ? "All" : reasonName(reason)}{" "}
              <span className="number">
                {captures
                  .filter((one) => reason === null || one.reason === reason)
                  .reduce((sum, one) => sum + one.unannotatedCount, 0)
                  .toLocaleString("en")}
              </span>
            </button>
          ))}
        </div>
      )}
    </>
  );
}

interface WaitingProps {
  id: string;
  settle: (label: SampleLabel | null) => void;
}

function Waiting({ id, settle }: WaitingProps) {
  const { fn, workspace } = useFunction();
  const sample = workspace.store.sample(id);
  if (sample === undefined) return null;
  const { crossValidated: guess, image, captureReason } = sample;
  return (
    <li className={`card ${styles["waiting"]}`} data-sample={id}>
      <Picture
        sources={[image.url, image.thumbnail]}
        alt={sample.fileName ?? "Photo that was asked about"}
        className={styles["photo"]}
        loading="lazy"
      />
      <div className={styles["side"]}>
        <p className="small">
          <span className="tag">{reasonName(captureReason)}</span>
        </p>
        {guess === null ? (
          <p className="muted small">No guess yet</p>
        ) : (
          <p>
            <strong>
              <LabelName label={guess.label} />
            </strong>{" "}
            <span className="muted small">{percent(guess.confidence)} sure</span>
          </p>
        )}
        <div className={styles["actions"]}>
          {guess !== null && (
            <button
              type="button"
              className="button compact primary"
              onClick={() => settle(guess.label)}
            >
              It is <bdi>{guess.label.name}</bdi>
            </button>
          )}
          <LabelSelect labels={fn.labels} name="Label it" prompt="It is…" choose={settle} />
          <button type="button" className="button compact quiet" onClick={() => settle(null)}>
            Delete
          </button>
        </div>
      </div>
    </li>
  );
}
