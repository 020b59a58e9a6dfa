import { memo } from "react";
import { type Estimate, known, percent, range } from "../logic/estimate";
import { LabelDot } from "./LabelName";
import styles from "./Bar.module.css";

interface Props {
  name: string;
  estimate: Estimate | null;
  /** Text after the interval, such as the number of photos that were measured. */
  detail?: string;
  /** The label of this bar, if it belongs to one. */
  labelId?: string;
  /** The address of its photos. */
  href?: string;
  /** Text in place of a figure while there is none. */
  without?: string | undefined;
}

/** A rate as a green bar: filled to its value, lighter to the upper end, a notch at the lower. */
export const Bar = memo(function Bar({
  name,
  estimate,
  detail,
  labelId,
  href,
  without = "too early to tell",
}: Props) {
  const sure = known(estimate);
  return (
    <li>
      <div className={styles["text"]}>
        <span title={name}>
          {labelId !== undefined && <LabelDot id={labelId} />}
          {href === undefined ? (
            <bdi>{name}</bdi>
          ) : (
            <a href={href}>
              <bdi>{name}</bdi>
            </a>
          )}
        </span>
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
            {without}
          </span>
        )}
      </div>
      <div className={styles["bar"]} aria-hidden="true">
        {sure && (
          <>
            <span className={styles["reach"]} style={{ transform: `scaleX(${sure.upper})` }} />
            <span className={styles["fill"]} style={{ transform: `scaleX(${sure.value})` }} />
            <span
              className={styles["floor"]}
              style={{ transform: `translateX(${sure.lower * 100}%)` }}
            />
          </>
        )}
      </div>
    </li>
  );
});
