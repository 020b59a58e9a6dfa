import type { UseMutationResult } from "@tanstack/react-query";
import { Failed } from "./Waiting";

interface Props {
  /** What the dialog does. */
  mutation: UseMutationResult<unknown, Error, void>;
  kind: "primary" | "danger";
  label: string;
  /** Shown in place of the label until the answer has come. */
  pending: string;
  disabled?: boolean;
  close: () => void;
}

/** The end of a dialog that carries out one mutation: its error, Cancel, and the button for it. */
export function DialogAction({ mutation, kind, label, pending, disabled = false, close }: Props) {
  return (
    <>
      {mutation.error !== null && <Failed error={mutation.error} />}
      <div className="dialog-foot">
        <button type="button" className="button" onClick={close}>
          Cancel
        </button>
        <button
          type="button"
          className={`button ${kind}`}
          disabled={disabled || mutation.isPending}
          onClick={() => mutation.mutate(undefined)}
        >
          {mutation.isPending ? pending : label}
        </button>
      </div>
    </>
  );
}
