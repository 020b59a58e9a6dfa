import type { Encoder } from "../../api/encoders";
import { BUNDLED, capital, isForResearchOnly, size, time, titleOf } from "../../logic/encoders";
import { percent } from "../../logic/estimate";
import { useFunction } from "../../workspace/context";
import type { encoderFields } from "./encoderFields";
import styles from "./EncoderRow.module.css";
import rowsStyles from "../../parts/Rows.module.css";

interface Props {
  encoder: Encoder;
  /** Asks to change to it; null while another change is under way. */
  change: (() => void) | null;
}

/** An encoder with what there is to know before choosing it. */
export function EncoderRow({ encoder, change }: Props) {
  const { fn } = useFunction<[typeof encoderFields]>();
  const { name, licence, megabytes, accuracy, milliseconds, note, isHere } = encoder;
  const facts = [
    accuracy !== null && `${percent(accuracy)} right on ImageNet by names alone`,
    megabytes > 0 && size(megabytes),
    milliseconds !== null && `${time(milliseconds)} for a photo here`,
  ].filter((fact) => fact !== false);
  return (
    <li className={`${rowsStyles["row"]} ${styles["encoder"]}`}>
      <div className={styles["about"]}>
        <strong>{capital(titleOf(name))}</strong>{" "}
        <span className={isForResearchOnly(encoder) ? "tag warn" : "tag"}>{licence}</span>
        {name !== BUNDLED && <code className="muted small">{name}</code>}
        <p className="muted small">{[...facts, note.replace(/\.$/, "")].join(" · ")}</p>
        {!isHere && (
          <p className="muted small">
            Not on the server. There, run <code>pigeonhole encoder fetch {name}</code>
          </p>
        )}
      </div>
      {name === fn.encoder && <span className="tag good">in use</span>}
      {name !== fn.encoder && isHere && change !== null && (
        <button
          type="button"
          className="button compact"
          aria-label={`Try it: ${titleOf(name)}`}
          onClick={change}
        >
          Try it
        </button>
      )}
    </li>
  );
}
