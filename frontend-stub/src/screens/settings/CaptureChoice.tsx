import { useId } from "react";
import type { Capture } from "../../api/functions";

interface Props {
  value: Capture;
  change: (value: Capture) => void;
}

const SHARES = [0, 0.5, 0.7, 0.8, 0.9, 0.95, 1];
const RANDOM_SHARES = [0, 0.01, 0.02, 0.05, 0.1];

function sureness(share: number): string {
  if (share === 0) return "not kept for that";
  return share === 1 ? "however sure" : `less than ${Math.round(share * 100)} % sure`;
}

/** Whether photos of invocations are kept, to be annotated later. */
export function CaptureChoice({ value, change }: Props) {
  const id = useId();
  const shares = SHARES.includes(value.below) ? SHARES : [...SHARES, value.below].sort();
  const randomShares = RANDOM_SHARES.includes(value.randomShare)
    ? RANDOM_SHARES
    : [...RANDOM_SHARES, value.randomShare].sort();
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
        <div className="stack">
          <div className="row">
            <label htmlFor={`${id}-below`}>those it is unsure of:</label>
            <select
              id={`${id}-below`}
              className="input auto"
              value={value.below}
              onChange={(event) => change({ ...value, below: Number(event.target.value) })}
            >
              {shares.map((share) => (
                <option key={share} value={share}>
                  {sureness(share)}
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
              onChange={(event) =>
                change({ ...value, dailyLimit: event.target.valueAsNumber || 0 })
              }
            />
          </div>
          <label className="choice">
            <input
              type="checkbox"
              checked={value.strange}
              onChange={(event) => change({ ...value, strange: event.target.checked })}
            />
            <span>Photos that look like none of its labels too</span>
          </label>
          <div className="row">
            <label htmlFor={`${id}-rare`}>and photos of labels with fewer photos than</label>
            <input
              id={`${id}-rare`}
              className="input auto"
              type="number"
              min={0}
              max={1_000}
              required
              value={value.rareBelow}
              onChange={(event) => change({ ...value, rareBelow: event.target.valueAsNumber || 0 })}
            />
          </div>
          <div className="row">
            <label htmlFor={`${id}-random`}>and of all photos, at random</label>
            <select
              id={`${id}-random`}
              className="input auto"
              value={value.randomShare}
              onChange={(event) => change({ ...value, randomShare: Number(event.target.value) })}
            >
              {randomShares.map((share) => (
                <option key={share} value={share}>
                  {share === 0 ? "none" : `${share * 100} %`}
                </option>
              ))}
            </select>
            <span className="hint">label these to know how right it is in use</span>
          </div>
        </div>
      )}
    </fieldset>
  );
}
