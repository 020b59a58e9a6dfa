import { type ReactNode, useId } from "react";

interface InputProps {
  id: string;
  "aria-describedby": string;
  "aria-invalid": boolean;
}

interface Props {
  label: string;
  hint?: string | undefined;
  /** What is wrong with the value, and what to do. */
  problem?: string | undefined;
  children: (props: InputProps) => ReactNode;
}

/** An input with its label, a hint, and an error. */
export function Field({ label, hint, problem, children }: Props) {
  const id = useId();
  const describedBy = `${id}-about`;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": describedBy, "aria-invalid": problem !== undefined })}
      <div id={describedBy}>
        {problem !== undefined && (
          <p role="alert" className="problem">
            {problem}
          </p>
        )}
        {hint !== undefined && <p className="hint">{hint}</p>}
      </div>
    </div>
  );
}
