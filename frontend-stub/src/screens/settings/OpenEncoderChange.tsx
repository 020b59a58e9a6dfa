import { useMutation } from "@tanstack/react-query";
import { type EncoderChange, stopEncoderChange, switchEncoder } from "../../api/encoders";
import { capital, titleOf, verdict } from "../../logic/encoders";
import { count } from "../../logic/estimate";
import { ProgressBar } from "../../parts/ProgressBar";
import { Failed } from "../../parts/Waiting";
import { notices } from "../../parts/notices";
import { useFunction } from "../../workspace/context";
import { EncoderComparison } from "./EncoderComparison";

/** How far a change of the encoder is, and what can be done about it. */
export function OpenEncoderChange({ change }: { change: EncoderChange }) {
  const { fn } = useFunction();
  const [after, before] = [titleOf(change.encoder), titleOf(change.encoderBefore)];
  const waiting = change.state === "WAITING";
  const stop = useMutation({
    mutationFn: () => stopEncoderChange(fn.id),
    onSuccess: () => notices.show(`${fn.name} keeps ${before}.`),
  });
  const put = useMutation({
    mutationFn: () => switchEncoder(fn.id),
    onSuccess: () => notices.show(`${fn.name} uses ${after} now.`),
  });
  const busy = stop.isPending || put.isPending;
  const error = stop.error ?? put.error;
  return (
    <div className="stack" role="group" aria-label={`Change to ${after}`}>
      <p role="status">{capital(said(change, after, before))}</p>
      {!waiting && <Progress change={change} after={after} />}
      {waiting && change.comparison !== null && (
        <EncoderComparison comparison={change.comparison} before={before} after={after} />
      )}
      {waiting && <p className="hint">You can leave it like this and decide later.</p>}
      {error !== null && <Failed error={error} />}
      <div className="dialog-foot">
        <button
          type="button"
          className="button"
          disabled={busy}
          onClick={() => stop.mutate(undefined)}
        >
          {waiting ? `Keep ${before}` : "Stop"}
        </button>
        {waiting && (
          <button
            type="button"
            className={change.comparison?.worse === true ? "button" : "button primary"}
            disabled={busy}
            onClick={() => put.mutate(undefined)}
          >
            {change.comparison?.worse === true ? "Switch nevertheless" : `Switch to ${after}`}
          </button>
        )}
      </div>
    </div>
  );
}

function said(
  { state, switchesByItself, comparison }: EncoderChange,
  after: string,
  before: string,
): string {
  const then = switchesByItself
    ? "It is used as soon as it is ready, unless it does worse."
    : "You decide when it is ready.";
  switch (state) {
    case "EMBEDDING":
      return `${after} reads the photos; ${before} answers meanwhile. ${then}`;
    case "COMPARING":
      return `A version with ${after} is trained and compared; ${before} answers meanwhile. ${then}`;
    default:
      return `${after} is ready. ${verdict(comparison)}`;
  }
}

function Progress({ change, after }: { change: EncoderChange; after: string }) {
  const { total } = useFunction().fn.sampleCounts;
  const read = Math.min(change.embeddedCount, total);
  return (
    <div>
      <p className="muted small number">
        {read.toLocaleString("en")} of {count(total, "photo")} read
      </p>
      <ProgressBar name={`Photos read by ${after}`} value={total === 0 ? 0 : read / total} />
    </div>
  );
}
