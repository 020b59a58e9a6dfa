import type { Prediction } from "../../api/invocations";
import { decisionText } from "../../logic/decision";
import { percent } from "../../logic/estimate";
import { Picture } from "../../parts/Picture";
import { useFunction } from "../../workspace/context";
import { LabelName } from "../../parts/LabelName";
import { useThreshold } from "../../workspace/useThreshold";
import type { decisionFields } from "./decisionFields";
import cellStyles from "../../parts/Cell.module.css";

/** The advice for a prediction, by the share of wrong ones that the function may give. */
export function Decision({ of: decision }: { of: Prediction["decision"] }) {
  const { maxErrorRate } = useFunction<[typeof decisionFields]>().fn;
  const { text, tone } = decisionText(decision, useThreshold(maxErrorRate), maxErrorRate);
  return <span className={`tag ${tone}`}>{text}</span>;
}

/** The annotated photos most like the invoked one, in the features that distinguish labels. */
export function Evidence({ of: prediction }: { of: Prediction }) {
  const shown = prediction.evidence.flatMap(({ sample, similarity, disputed }) =>
    sample?.annotation ? [{ ...sample, label: sample.annotation.label, similarity, disputed }] : [],
  );
  if (shown.length === 0) return null;
  return (
    <div>
      <h3 className="muted small">Most alike among your photos, and how alike</h3>
      <ul className={cellStyles["small"]}>
        {shown.map(({ id, image, label, similarity, disputed }) => (
          <li key={id} className={cellStyles["cell"]}>
            <Picture
              sources={[image.thumbnail]}
              alt={`${label.name}, ${percent(Math.max(0, similarity))} alike${disputed ? ", disputed" : ""}`}
            />
            {disputed && (
              <span className={cellStyles["dispute"]} aria-hidden="true">
                Disputed
              </span>
            )}
            <span className={cellStyles["label"]} aria-hidden="true">
              <LabelName label={label} />
            </span>
            <span className={`number ${cellStyles["figure"] ?? ""}`} aria-hidden="true">
              {percent(Math.max(0, similarity))}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
