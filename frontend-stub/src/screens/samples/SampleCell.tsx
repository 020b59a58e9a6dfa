import { memo } from "react";
import type { Sample } from "../../api/samples";
import { percent } from "../../logic/estimate";
import { Icon } from "../../parts/Icon";

interface Props {
  domId: string;
  index: number;
  total: number;
  /** Undefined while it loads. */
  sample: Sample | undefined;
  chosen: boolean;
  active: boolean;
  size: number;
  left: number;
  top: number;
}

/** One photo of the grid with what is known of it. */
export const SampleCell = memo(function SampleCell(props: Props) {
  const { domId, index, total, sample, chosen, active, size, left, top } = props;
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
      className={active ? "cell active" : "cell"}
      style={{ width: size, height: size, transform: `translate(${left}px, ${top}px)` }}
    >
      <span className="visually-hidden">
        Photo {index + 1}
        {sample === undefined && ", loading"}
      </span>
      {sample && (
        <>
          <img src={sample.image.thumbnail} alt="" decoding="async" draggable={false} />
          <span className="cell-mark" aria-hidden="true">
            <Icon name="check" />
          </span>
          {sample.annotation && (
            <span className="cell-label">
              <span>{sample.annotation.label.name}</span>
            </span>
          )}
          {sample.annotation === null && answer && (
            <span className="cell-label guess">
              <span>{answer.label.name}?</span> {percent(answer.confidence)}
            </span>
          )}
          {sample.disputed && answer && (
            <span className="cell-dispute">
              <span>Model: {answer.label.name}</span>
            </span>
          )}
        </>
      )}
    </div>
  );
});

/** What a screen reader says of a photo. */
export function describeSample(sample: Sample, index: number): string {
  const { annotation, crossValidated, disputed } = sample;
  const said = annotation ? `annotated ${annotation.label.name}` : "not annotated";
  const guess = crossValidated
    ? `, model says ${crossValidated.label.name}, ${percent(crossValidated.confidence)}`
    : "";
  return `Photo ${index + 1}, ${said}${guess}${disputed ? ", disputed" : ""}`;
}
