import { memo } from "react";
import type { Sample } from "../../api/samples";
import { percent } from "../../logic/estimate";
import { isolated } from "../../logic/isolated";
import { Icon } from "../../parts/Icon";
import { LabelName } from "../../parts/LabelName";
import cellStyles from "../../parts/Cell.module.css";

interface Props {
  domId: string;
  index: number;
  total: number;
  /** Undefined while it loads. */
  sample: Sample | undefined;
  /** Whether the model has grounds to doubt the annotation. */
  doubted: boolean;
  chosen: boolean;
  active: boolean;
  size: number;
  left: number;
  top: number;
}

/** A photo of the grid with its annotation and state. */
export const SampleCell = memo(function SampleCell(props: Props) {
  const { domId, index, total, sample, doubted, chosen, active, size, left, top } = props;
  const answer = sample?.crossValidated ?? null;
  return (
    <div
      id={domId}
      data-index={index}
      data-sample={sample?.id}
      role="option"
      aria-selected={chosen}
      aria-posinset={index + 1}
      aria-setsize={total}
      className={active ? `${cellStyles["cell"]} ${cellStyles["active"]}` : cellStyles["cell"]}
      style={{ width: size, height: size, transform: `translate(${left}px, ${top}px)` }}
    >
      <span className="visually-hidden">
        Photo {index + 1}
        {sample === undefined && ", loading"}
      </span>
      {sample && (
        <>
          <img src={sample.image.thumbnail} alt="" decoding="async" draggable={false} />
          <span className={cellStyles["mark"]} data-choose="" aria-hidden="true">
            <Icon name="check" />
          </span>
          {sample.unreadable !== null && (
            <span className={cellStyles["unreadable"]}>Cannot be read</span>
          )}
          {sample.annotation && (
            <span className={cellStyles["label"]}>
              <LabelName label={sample.annotation.label} />
            </span>
          )}
          {sample.annotation === null && answer && (
            <span className={`${cellStyles["label"]} ${cellStyles["guess"]}`}>
              <LabelName label={answer.label} text={`${answer.label.name}?`} />{" "}
              {percent(answer.confidence)}
            </span>
          )}
          {doubted && answer && (
            <span className={cellStyles["dispute"]}>
              <span>
                Model: <bdi>{answer.label.name}</bdi>
              </span>
            </span>
          )}
        </>
      )}
    </div>
  );
});

/** The description of a photo for screen readers. */
export function describeSample(sample: Sample, index: number, doubted: boolean): string {
  const { annotation, crossValidated } = sample;
  const said = annotation ? `annotated ${isolated(annotation.label.name)}` : "not annotated";
  const guess = crossValidated
    ? `, model says ${isolated(crossValidated.label.name)}, ${percent(crossValidated.confidence)}`
    : "";
  return `Photo ${index + 1}, ${said}${guess}${doubted ? ", disputed" : ""}`;
}
