import { memo } from "react";
import { type Estimate, known, percent, range } from "../logic/estimate";

interface Props {
  name: string;
  estimate: Estimate | null;
  /** Said after the interval, such as what it was measured on. */
  detail?: string;
}

/** A rate as a green bar: filled to its value, lighter to the upper end, a notch at the lower. */
export const Bar = memo(function Bar({ name, estimate, detail }: Props) {
  const sure = known(estimate);
  return (
    <li>
      <div className="bar-text">
        <span title={name}>{name}</span>
        {sure ? (
          <span title={detail}>
            {percent(sure.value)}{" "}
            <span className="muted small">
              <span className="visually-hidden">between </span>
              {range(sure)}
            </span>
          </span>
        ) : (
          <span className="muted small" title={detail}>
            too early to tell
          </span>
        )}
      </div>
      <div className="bar" aria-hidden="true">
        {sure && (
          <>
            <span className="reach" style={{ transform: `scaleX(${sure.upper})` }} />
            <span className="fill" style={{ transform: `scaleX(${sure.value})` }} />
            <span className="floor" style={{ transform: `translateX(${sure.lower * 100}%)` }} />
          </>
        )}
      </div>
    </li>
  );
});
