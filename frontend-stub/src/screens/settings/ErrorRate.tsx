import { useCallback, useId } from "react";
import { fetchThreshold } from "../../api/models";
import { percent } from "../../logic/estimate";
import { useLoaded } from "../../parts/useLoaded";
import { useFunction } from "../../workspace/context";

const CHOICES = [0.01, 0.02, 0.05, 0.1, 0.2];

/** How many wrong answers are acceptable, and what that costs. */
export function ErrorRate({ value, change }: { value: number; change: (value: number) => void }) {
  const { fn } = useFunction();
  const id = useId();
  const version = fn.model?.version;
  // A new version keeps the promise at another confidence.
  const load = useCallback(
    () => (version === undefined ? Promise.resolve(null) : fetchThreshold(fn.id, value)),
    [fn.id, value, version],
  );
  const { value: threshold } = useLoaded(load);
  const choices = CHOICES.includes(value) ? CHOICES : [...CHOICES, value].sort((a, b) => a - b);
  return (
    <div className="field">
      <label htmlFor={id}>Wrong answers among those it is sure of</label>
      <select
        id={id}
        className="input"
        value={value}
        onChange={(event) => change(Number(event.target.value))}
      >
        {choices.map((rate) => (
          <option key={rate} value={rate}>
            at most {percent(rate)}
          </option>
        ))}
      </select>
      <p className="hint" role="status">
        {threshold == null
          ? "Less sure answers are marked for a person to look at."
          : threshold.confidence > 1
            ? "It cannot promise that yet: every answer is marked for a person to look at."
            : `It answers ${percent(threshold.coverage)} of photos by itself, those it is at least ${percent(threshold.confidence)} sure of; the rest is marked for a person to look at.`}
      </p>
    </div>
  );
}
