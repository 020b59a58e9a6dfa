import { useQuery } from "@tanstack/react-query";
import { type Comparison, fetchFlipped } from "../../api/encoders";
import { count } from "../../logic/estimate";
import { Dialog } from "../../parts/Dialog";
import { LabelName } from "../../parts/LabelName";
import { Picture } from "../../parts/Picture";
import { Busy, Failed } from "../../parts/Waiting";
import cellStyles from "../../parts/Cell.module.css";
import styles from "./FlippedPhotos.module.css";

/** The photos that only one of two encoders gets right. */
export function FlippedPhotos({
  comparison,
  close,
}: {
  comparison: Comparison;
  close: () => void;
}) {
  const { gainedSampleIds, lostSampleIds, gainedCount, lostCount } = comparison;
  return (
    <Dialog title="What another encoder changes" close={close} wide>
      <Flipped title="Become right" ids={gainedSampleIds} total={gainedCount} />
      <Flipped title="Become wrong" ids={lostSampleIds} total={lostCount} />
      <div className="dialog-foot">
        <button type="button" className="button primary" onClick={close}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

function Flipped({ title, ids, total }: { title: string; ids: string[]; total: number }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["flipped", ids],
    queryFn: () => fetchFlipped(ids),
    enabled: ids.length > 0,
  });
  if (total === 0) return null;
  return (
    <section className="stack" aria-label={title}>
      <h3>
        {title} <span className="muted small">{count(total, "photo")}</span>
      </h3>
      {error !== null && <Failed error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Busy>Loading photos</Busy>}
      <ul className={styles["list"]}>
        {data?.map(({ id, image, annotation }) => (
          <li key={id} className={`${cellStyles["cell"]} ${styles["flipped"]}`}>
            <Picture
              sources={[image.thumbnail]}
              alt={annotation ? `Annotated ${annotation.label.name}` : "Not annotated"}
              loading="lazy"
            />
            {annotation && (
              <span className={cellStyles["label"]}>
                <LabelName label={annotation.label} />
              </span>
            )}
          </li>
        ))}
      </ul>
      {total > ids.length && <p className="muted small">The first {ids.length} are shown.</p>}
    </section>
  );
}
