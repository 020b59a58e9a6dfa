import { type SubmitEvent, useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { createFunction } from "../../api/functions";
import { Failure, describe } from "../../api/failure";
import { count } from "../../logic/estimate";
import { nameProblems, parseLabelNames } from "../../logic/labelNames";
import { Dialog } from "../../parts/Dialog";
import { Field } from "../../parts/Field";
import { FormAction } from "../../parts/FormAction";
import { VisibilityChoice, type Visibility } from "../../parts/VisibilityChoice";
import { FunctionName } from "./FunctionName";

interface Props {
  close: () => void;
  created: (id: string) => void;
}

/** A form for a new function: its name, labels and visibility. */
export function NewFunction({ close, created }: Props) {
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const [visibility, setVisibility] = useState<Visibility>("PRIVATE");
  const [tried, setTried] = useState(false);
  const creation = useMutation({ mutationFn: createFunction, onSuccess: created });
  const labels = parseLabelNames(text);

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    setTried(true);
    if (name.trim() !== "" && labels.length >= 2) {
      creation.mutate({ name: name.trim(), labels, visibility });
    }
  }

  const failure = creation.error instanceof Failure ? creation.error : undefined;
  const nameProblem = tried && name.trim() === "" ? "Name is required." : failure?.about("name");
  const labelProblem =
    tried && labels.length < 2
      ? "Name at least two labels, one on each line."
      : nameProblems(creation.variables?.labels ?? [], failure?.userErrors ?? []);

  return (
    <Dialog title="New function" close={close}>
      <form className="stack" onSubmit={submit} noValidate>
        <FunctionName value={name} change={setName} problem={nameProblem} />
        <Field
          label="Labels"
          problem={labelProblem}
          hint={
            labels.length > 0
              ? `${count(labels.length, "label")}. One for everything else, such as “Not a food”, often helps.`
              : "The answers it can give, one on each line. Paste a list if you have one."
          }
        >
          {(props) => (
            <textarea
              {...props}
              className="input"
              value={text}
              rows={6}
              placeholder={"Breakfasts\nMain courses\nSoups"}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        <VisibilityChoice value={visibility} change={setVisibility} />
        {creation.error !== null && nameProblem === undefined && labelProblem === undefined && (
          <p role="alert" className="problem">
            {describe(creation.error)}
          </p>
        )}
        <FormAction
          isPending={creation.isPending}
          label="Create function"
          pending="Creating…"
          close={close}
        />
      </form>
    </Dialog>
  );
}
