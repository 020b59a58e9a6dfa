import { type SubmitEvent, useId, useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { Failure, describe } from "../../api/failure";
import { createFunction } from "../../api/functions";
import { count } from "../../logic/estimate";
import { commonName, labelled } from "../../logic/folders";
import { nameProblems } from "../../logic/labelNames";
import { Dialog } from "../../parts/Dialog";
import { FolderList } from "../../parts/FolderList";
import { FormAction } from "../../parts/FormAction";
import type { FoundFile } from "../../parts/files";
import { useFolderChoices } from "../../parts/useFolderChoices";
import { type Visibility, VisibilityChoice } from "../../parts/VisibilityChoice";
import { keepFirstUploads } from "../../workspace/firstUploads";
import { FunctionName } from "./FunctionName";

interface Props {
  found: readonly FoundFile[];
  close: () => void;
  created: (id: string) => void;
}

/** A form for a new function with the labels and photos of a folder. */
export function FunctionFromFolder({ found, close, created }: Props) {
  const choices = useFolderChoices(found, noLabels);
  const { folders, plan } = choices;
  const [name, setName] = useState(() => commonName(folders));
  const [visibility, setVisibility] = useState<Visibility>("PRIVATE");
  const [tried, setTried] = useState(false);
  const form = useId();
  const creation = useMutation({
    mutationFn: createFunction,
    onSuccess: (id) => {
      keepFirstUploads(id, labelled(found, plan));
      created(id);
    },
  });

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    setTried(true);
    if (name.trim() !== "" && plan.photos > 0 && plan.problems === 0) {
      creation.mutate({ name: name.trim(), labels: plan.newLabels, visibility });
    }
  }

  const failure = creation.error instanceof Failure ? creation.error : undefined;
  const nameProblem = tried && name.trim() === "" ? "Name is required." : failure?.about("name");
  const labelProblem = nameProblems(creation.variables?.labels ?? [], failure?.userErrors ?? []);

  return (
    <Dialog title="New function from a folder" close={close} wide>
      {/* Only Enter in the name creates the function, not Enter in the name of a label. */}
      <form id={form} onSubmit={submit} noValidate>
        <FunctionName value={name} change={setName} problem={nameProblem} />
      </form>
      <FolderList choices={choices} />
      {plan.newLabels.length < 2 && (
        <p className="hint">
          It learns from two labels on; you can add others and annotate photos later.
        </p>
      )}
      <VisibilityChoice value={visibility} change={setVisibility} />
      {creation.error !== null && nameProblem === undefined && (
        <p role="alert" className="problem">
          {labelProblem ?? describe(creation.error)}
        </p>
      )}
      <FormAction
        form={form}
        isPending={creation.isPending}
        label={`Create and add ${count(plan.photos, "photo")}`}
        pending="Creating…"
        disabled={plan.photos === 0 || plan.problems > 0}
        close={close}
      />
    </Dialog>
  );
}

const noLabels: readonly string[] = [];
