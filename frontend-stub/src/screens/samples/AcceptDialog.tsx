import { useRef, useState } from "react";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { type Acceptable, fetchAcceptable } from "../../api/acceptance";
import type { SampleFilter } from "../../api/samples";
import { leastConfidences, measuredOf, promiseOf } from "../../logic/acceptance";
import { count, percent } from "../../logic/estimate";
import { Dialog } from "../../parts/Dialog";
import { Field } from "../../parts/Field";
import { ProgressBar } from "../../parts/ProgressBar";
import { Busy, Failed } from "../../parts/Waiting";
import { notices } from "../../parts/notices";
import { acceptAll, takeAllBack } from "../../workspace/acceptance";
import { useFunction } from "../../workspace/context";

interface Props {
  /** Which photos. */
  filter: SampleFilter;
  /** Read the list again. */
  reload: () => void;
  close: () => void;
}

/** Accept all answers that the model is sure of, after saying how many errors to expect. */
export function AcceptDialog({ filter, reload, close }: Props) {
  const { fn, workspace } = useFunction();
  const { functionId } = workspace;
  const [least, setLeast] = useState<number>(leastConfidences[0]);
  const [done, setDone] = useState(0);
  const stopped = useRef(false);
  const wanted = { functionId, minConfidence: least, filter };
  const preview = useQuery({
    queryKey: ["acceptable", wanted, fn.model?.version, fn.sampleCounts.annotated],
    queryFn: () => fetchAcceptable(wanted),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const acceptance = useMutation({
    mutationFn: ({ version }: Acceptable) =>
      acceptAll(wanted, version ?? 0, setDone, () => stopped.current),
    onSuccess: ({ count: photos, acceptedAt, failure }) => {
      if (acceptedAt !== null && photos > 0) {
        const what = `${count(photos, "answer")} accepted`;
        workspace.offerUndo(workspace.did(what, () => void takeBack(acceptedAt)));
      }
      if (failure !== null) notices.fail(failure);
      reload();
      close();
    },
  });

  async function takeBack(acceptedAt: string): Promise<void> {
    try {
      await takeAllBack(functionId, acceptedAt);
    } catch (failure) {
      notices.fail(failure);
    }
    reload();
  }

  function leave(): void {
    stopped.current = true;
    if (!acceptance.isPending) close();
  }

  const found = preview.data ?? null;
  const { isPending } = acceptance;
  const isReady = found !== null && found.count > 0 && !preview.isPlaceholderData;
  return (
    <Dialog title="Accept sure answers" close={leave}>
      <Field label="The model is at least this sure">
        {(props) => (
          <select
            {...props}
            className="input"
            value={least}
            disabled={isPending}
            onChange={(event) => setLeast(Number(event.target.value))}
          >
            {[...leastConfidences]
              .sort((a, b) => b - a)
              .map((one) => (
                <option key={one} value={one}>
                  {percent(one)}
                </option>
              ))}
          </select>
        )}
      </Field>
      {preview.error !== null && (
        <Failed error={preview.error} retry={() => void preview.refetch()} />
      )}
      {preview.isPending && <Busy>Counting photos</Busy>}
      {!isPending && found !== null && (
        <div aria-live="polite" className="stack">
          <p>
            <strong>{promiseOf(found)}</strong>
          </p>
          {found.count > 0 && <p>{measuredOf(found)}</p>}
        </div>
      )}
      {isPending && found !== null && (
        <ProgressBar name="Accepted" value={Math.min(1, done / Math.max(1, found.count))} />
      )}
      <p className="muted small">
        The model does not learn from accepted answers, and its accuracy does not count them, until
        you confirm a photo by giving it a label yourself. Photos unlike all that you have annotated
        are wrong more often than this says.
      </p>
      <div className="dialog-foot">
        <button type="button" className="button" onClick={leave}>
          {isPending ? "Stop" : "Cancel"}
        </button>
        <button
          type="button"
          className="button primary"
          disabled={isPending || !isReady}
          onClick={() => found !== null && acceptance.mutate(found)}
        >
          {isPending ? "Accepting…" : isReady ? `Accept ${count(found.count, "answer")}` : "Accept"}
        </button>
      </div>
    </Dialog>
  );
}
