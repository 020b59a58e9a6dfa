interface Props {
  isPending: boolean;
  label: string;
  /** Shown in place of the label until the answer has come. */
  pending?: string;
  disabled?: boolean;
  /** The ID of the form, where it does not contain the button. */
  form?: string;
  close: () => void;
}

/** The end of a form in a dialog: Cancel, and the button that submits it. */
export function FormAction({
  isPending,
  label,
  pending = label,
  disabled = false,
  ...rest
}: Props) {
  return (
    <div className="dialog-foot">
      <button type="button" className="button" onClick={rest.close}>
        Cancel
      </button>
      <button
        type="submit"
        form={rest.form}
        className="button primary"
        disabled={disabled || isPending}
      >
        {isPending ? pending : label}
      </button>
    </div>
  );
}
