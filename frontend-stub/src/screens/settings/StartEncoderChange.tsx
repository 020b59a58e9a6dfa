import { useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { type Encoder, changeEncoder } from "../../api/encoders";
import { titleOf } from "../../logic/encoders";
import { count } from "../../logic/estimate";
import { Dialog } from "../../parts/Dialog";
import { DialogAction } from "../../parts/DialogAction";
import { useFunction } from "../../workspace/context";

/** Asks whether to change the encoder, and who switches. */
export function StartEncoderChange({ encoder, close }: { encoder: Encoder; close: () => void }) {
  const { fn } = useFunction();
  const [switchesByItself, setSwitchesByItself] = useState(true);
  const start = useMutation({
    mutationFn: () => changeEncoder(fn.id, encoder.name, switchesByItself),
    onSuccess: close,
  });
  return (
    <Dialog title={`Try ${titleOf(encoder.name)} on ${fn.name}?`} close={close}>
      <p>
        {fn.sampleCounts.total === 0
          ? "There are no photos yet to compare the two encoders on."
          : `${count(fn.sampleCounts.total, "photo")} ${fn.sampleCounts.total === 1 ? "is" : "are"} read again in the background. Then a version is trained and compared with the one in use.`}{" "}
        Until then the function answers and learns as before.
      </p>
      <fieldset className="field">
        <legend>When the new version is ready</legend>
        <label className="choice">
          <input
            type="radio"
            name="switching"
            checked={switchesByItself}
            onChange={() => setSwitchesByItself(true)}
          />
          <span>Use it, unless it does worse on these photos</span>
        </label>
        <label className="choice">
          <input
            type="radio"
            name="switching"
            checked={!switchesByItself}
            onChange={() => setSwitchesByItself(false)}
          />
          <span>Show me how they compare, and let me decide</span>
        </label>
      </fieldset>
      <p className="hint">For 7 days after a switch you can go back.</p>
      <DialogAction
        mutation={start}
        kind="primary"
        label="Start"
        pending="Starting…"
        close={close}
      />
    </Dialog>
  );
}
