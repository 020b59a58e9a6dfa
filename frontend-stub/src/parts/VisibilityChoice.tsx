import { useId } from "react";

export type Visibility = "PRIVATE" | "PUBLIC";

const choices: { value: Visibility; name: string; hint: string }[] = [
  { value: "PRIVATE", name: "Private", hint: "Only you may use it." },
  {
    value: "PUBLIC",
    name: "Public",
    hint: "Anyone who knows its ID may ask it about photos; nobody else may change it or see its photos.",
  },
];

/** Who may invoke a function. */
export function VisibilityChoice({
  value,
  change,
}: {
  value: Visibility;
  change: (value: Visibility) => void;
}) {
  const name = useId();
  return (
    <fieldset className="field">
      <legend>Who may use it</legend>
      {choices.map((choice) => (
        <label key={choice.value} className="choice">
          <input
            type="radio"
            name={name}
            checked={choice.value === value}
            onChange={() => change(choice.value)}
          />
          <span>
            {choice.name}
            <span className="hint"> · {choice.hint}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
