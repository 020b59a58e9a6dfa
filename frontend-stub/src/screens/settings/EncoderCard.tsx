import { useState } from "react";
import type { Encoder } from "../../api/encoders";
import { familyOf, isOpen, offerOf, titleOf } from "../../logic/encoders";
import { Busy, Failed } from "../../parts/Waiting";
import { useFunction } from "../../workspace/context";
import { useEncoders } from "../../workspace/useEncoders";
import { EncoderRow } from "./EncoderRow";
import { EncoderSwitched } from "./EncoderSwitched";
import { OpenEncoderChange } from "./OpenEncoderChange";
import { StartEncoderChange } from "./StartEncoderChange";
import type { encoderFields } from "./encoderFields";
import styles from "./EncoderCard.module.css";
import rowsStyles from "../../parts/Rows.module.css";

/** Which encoder the function uses, how a change of it goes, and which others there are. */
export function EncoderCard() {
  const { fn } = useFunction<[typeof encoderFields]>();
  const change = fn.encoderChange;
  const [chosen, setChosen] = useState<Encoder | null>(null);
  const changing = change !== null && isOpen(change);
  const { data: encoders, error, refetch } = useEncoders();
  const offer = offerOf(fn.encoder, change, encoders ?? []);

  return (
    <section className="card stack" aria-label="Encoder">
      <h2>Encoder</h2>
      <p>
        The function sees photos with <strong>{titleOf(fn.encoder)}</strong>.{" "}
        <span className="hint">A better encoder needs fewer annotated photos.</span>
      </p>
      {offer === null && fn.encoderWarning !== null && (
        <p className="alert warn">{fn.encoderWarning}</p>
      )}
      {offer !== null && (
        <div className={`alert ${styles["offer"]}`}>
          <span>{familyOf(offer.name)} is available: try it on this function.</span>
          <button type="button" className="button" onClick={() => setChosen(offer)}>
            Try it
          </button>
        </div>
      )}
      {changing && <OpenEncoderChange change={change} />}
      {change?.state === "SWITCHED" && <EncoderSwitched change={change} />}
      {error !== null && <Failed error={error} retry={() => void refetch()} />}
      {encoders === undefined && error === null && <Busy>Looking for encoders</Busy>}
      {encoders !== undefined && (
        <details className={styles["all"]}>
          <summary>All encoders</summary>
          <ul className={rowsStyles["list"]}>
            {encoders.map((encoder) => (
              <EncoderRow
                key={encoder.name}
                encoder={encoder}
                change={changing ? null : () => setChosen(encoder)}
              />
            ))}
          </ul>
        </details>
      )}
      {chosen !== null && <StartEncoderChange encoder={chosen} close={() => setChosen(null)} />}
    </section>
  );
}
