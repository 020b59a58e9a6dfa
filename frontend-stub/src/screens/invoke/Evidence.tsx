import type { Prediction } from "../../api/invocations";
import { percent } from "../../logic/estimate";
import { Picture } from "../../parts/Picture";

const decisions: Record<Prediction["decision"], { text: string; tone: string }> = {
  ACCEPT: { text: "Sure enough to use", tone: "tag good" },
  REVIEW: { text: "A person should look", tone: "tag warn" },
  NONE_OF_THESE: { text: "Like nothing it has seen", tone: "tag bad" },
};

/** What to do with an answer, by the share of wrong answers that the function may give. */
export function Decision({ of: decision }: { of: Prediction["decision"] }) {
  const { text, tone } = decisions[decision];
  return <span className={tone}>{text}</span>;
}

/** The annotated photos most like the one that was asked about. */
export function Evidence({ of: prediction }: { of: Prediction }) {
  const shown = prediction.evidence.flatMap(({ sample, similarity }) =>
    sample?.annotation ? [{ ...sample, label: sample.annotation.label, similarity }] : [],
  );
  if (shown.length === 0) return null;
  return (
    <div>
      <h3 className="muted small">Most alike among your photos</h3>
      <ul className="evidence">
        {shown.map(({ id, image, label, similarity }) => (
          <li key={id} className="cell" title={`Similarity ${percent(Math.max(0, similarity))}`}>
            <Picture sources={[image.thumbnail]} alt={label.name} />
            <span className="cell-label" aria-hidden="true">
              <span>{label.name}</span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
