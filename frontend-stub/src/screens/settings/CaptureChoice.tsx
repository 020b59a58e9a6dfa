import { useId } from "react";
import type { Capture } from "../../api/functions";

interface Props {
  value: Capture;
  change: (value: Capture) => void;
}

const SHARES = [0.5, 0.7, 0.8, 0.9, 0.95, 1];

/** Whether photos of invocations are kept, to be annotated later. */
export function CaptureChoice({ value, change }: Props) {
  const id = useId();
  const shares = SHARES.includes(value.below) ? SHARES : [...SHARES, value.below].sort();
  return (
    <fieldset className="field">
      <legend>Learn from what it is asked</legend>
      <label className="choice">
        <input
          type="checkbox"
          checked={value.enabled}
          onChange={(event) => change({ ...value, enabled: event.target.checked })}
        />
        <span>
          Keep photos that it is asked about
          <span className="hint"> · they join the samples, for you to annotate</span>
        </span>
      </label>
      {value.enabled && (
        <div className="row">
          <label htmlFor={`${id}-below`}>where it is</label>
          <select
            id={`${id}-below`}
            className="input auto"
            value={value.below}
            onChange={(event) => change({ ...value, below: Number(event.target.value) })}
          >
            {shares.map((share) => (
              <option key={share} value={share}>
                {share === 1 ? "however sure" : `less than ${Math.round(share * 100)} % sure`}
              </option>
            ))}
          </select>
          <label htmlFor={`${id}-limit`}>at most a day</label>
          <input
            id={`${id}-limit`}
            className="input auto"
            type="number"
            min={0}
            max={100_000}
            required
            value={value.dailyLimit}
            onChange={(event) => change({ ...value, dailyLimit: event.target.valueAsNumber || 0 })}
          />
        </div>
      )}
    </fieldset>
  );
}
