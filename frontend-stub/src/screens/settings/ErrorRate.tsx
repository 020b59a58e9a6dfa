import { useId } from "react";
import { percent } from "../../logic/estimate";
import { promise } from "../../logic/promise";
import { useThreshold } from "../../workspace/useThreshold";

const CHOICES = [0.01, 0.02, 0.05, 0.1, 0.2];

/** The acceptable share of wrong predictions, and its cost. */
export function ErrorRate({ value, change }: { value: number; change: (value: number) => void }) {
  const id = useId();
  const threshold = useThreshold(value);
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
        {promise(threshold, value)}
      </p>
    </div>
  );
}
