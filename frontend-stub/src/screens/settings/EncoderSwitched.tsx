import { useMutation } from "@tanstack/react-query";
import { type EncoderChange, goBackToEncoder } from "../../api/encoders";
import { titleOf, verdict } from "../../logic/encoders";
import { Failed } from "../../parts/Waiting";
import { notices } from "../../parts/notices";
import { useFunction } from "../../workspace/context";
import { EncoderComparison } from "./EncoderComparison";

const day = new Intl.DateTimeFormat("en", { dateStyle: "medium" });

/** The change that brought the present encoder, which can be undone for some days. */
export function EncoderSwitched({ change }: { change: EncoderChange }) {
  const { fn } = useFunction();
  const [after, before] = [titleOf(change.encoder), titleOf(change.encoderBefore)];
  const back = useMutation({
    mutationFn: () => goBackToEncoder(fn.id),
    onSuccess: () => notices.show(`${fn.name} uses ${before} again.`),
  });
  const { comparison, finishedAt } = change;
  return (
    <div className="stack" role="group" aria-label="Last change">
      <p role="status">
        Since {finishedAt === null ? "now" : day.format(new Date(finishedAt))}, in place of {before}
        .{comparison !== null && ` ${verdict(comparison)}`}
      </p>
      {comparison !== null && (
        <EncoderComparison comparison={comparison} before={before} after={after} />
      )}
      {back.error !== null && <Failed error={back.error} />}
      {change.canGoBack && (
        <div className="dialog-foot">
          <button
            type="button"
            className="button"
            disabled={back.isPending}
            onClick={() => back.mutate(undefined)}
          >
            {back.isPending ? "Going back…" : `Go back to ${before}`}
          </button>
        </div>
      )}
    </div>
  );
}
