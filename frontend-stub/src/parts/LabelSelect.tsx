import type { SampleLabel } from "../logic/sampleStore";

interface Props {
  labels: readonly SampleLabel[];
  /** What choosing a label does, for screen readers. */
  name: string;
  /** The text while nothing is chosen. */
  prompt: string;
  disabled?: boolean;
  choose: (label: SampleLabel) => void;
}

/** A list to choose a label from; a choice takes effect at once and is then reset. */
export function LabelSelect({ labels, name, prompt, disabled = false, choose }: Props) {
  function change(labelId: string): void {
    const label = labels.find((one) => one.id === labelId);
    if (label) choose({ id: label.id, name: label.name });
  }

  return (
    <select
      className="input"
      aria-label={name}
      value=""
      disabled={disabled}
      onChange={(event) => change(event.target.value)}
    >
      <option value="" disabled>
        {prompt}
      </option>
      {labels.map((label) => (
        <option key={label.id} value={label.id}>
          {label.name}
        </option>
      ))}
    </select>
  );
}
