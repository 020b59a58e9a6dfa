import { Field } from "../../parts/Field";

interface Props {
  value: string;
  change: (value: string) => void;
  problem: string | undefined;
}

/** The name of a new function. */
export function FunctionName({ value, change, problem }: Props) {
  return (
    <Field label="Name" problem={problem}>
      {(props) => (
        <input
          {...props}
          className="input"
          value={value}
          placeholder="Dishes"
          autoComplete="off"
          onChange={(event) => change(event.target.value)}
        />
      )}
    </Field>
  );
}
