import type { SampleLabel } from "../logic/sampleStore";

interface Props {
  labels: readonly SampleLabel[];
  /** What choosing does, for those who hear the page. */
  name: string;
  /** What stands in it while nothing is chosen. */
  prompt: string;
  disabled?: boolean;
  choose: (label: SampleLabel) => void;
}

/** A list to choose a label from; it does at once what it says, and remembers nothing. */
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
