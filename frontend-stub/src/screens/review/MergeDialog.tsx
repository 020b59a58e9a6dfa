import { useState } from "react";
import { useMutation } from "@tanstack/react-query";
import type { MixUp } from "../../api/mixUps";
import { isolated } from "../../logic/isolated";
import { mergePreview } from "../../logic/mixUps";
import { Dialog } from "../../parts/Dialog";
import { DialogAction } from "../../parts/DialogAction";
import { notices } from "../../parts/notices";
import { useFunction } from "../../workspace/context";
import { mergeLabels } from "../../workspace/mergeLabels";
import type { labelSettingsFields } from "../settings/settingsFields";

interface Props {
  mixUp: MixUp;
  accuracy: number | null;
  close: () => void;
}

/** Make one label of two: which name stays, what changes, and a way back. */
export function MergeDialog({ mixUp, accuracy, close }: Props) {
  const { fn, workspace } = useFunction<[], [typeof labelSettingsFields]>();
  const both = fn.labels
    .filter(({ id }) => id === mixUp.label.id || id === mixUp.other.id)
    .toSorted((one, other) => other.sampleCount - one.sampleCount);
  const [staysId, setStaysId] = useState(both[0]?.id);
  const stays = both.find(({ id }) => id === staysId);
  const gone = both.find(({ id }) => id !== staysId);
  const merging = useMutation({
    mutationFn: async () => {
      if (gone === undefined || stays === undefined) return;
      const undo = await mergeLabels(fn.id, gone, stays.id);
      const done = `${isolated(gone.name)} is now ${isolated(stays.name)}`;
      workspace.offerUndo(workspace.did(done, () => void undo().catch(notices.fail)));
    },
    onSuccess: close,
  });
  if (gone === undefined || stays === undefined) return null;
  return (
    <Dialog title="Make them one label?" close={close}>
      <fieldset className="field">
        <legend>Name that stays</legend>
        {both.map(({ id, name }) => (
          <label key={id} className="choice">
            <input
              type="radio"
              name="stays"
              checked={id === staysId}
              onChange={() => setStaysId(id)}
            />
            <bdi>{name}</bdi>
          </label>
        ))}
      </fieldset>
      <p>{mergePreview(gone, stays, accuracy, mixUp.gainIfMerged)}</p>
      <p className="muted small">
        The photos stay. Undo makes the label again with its photos, until this page is closed.
      </p>
      <DialogAction
        mutation={merging}
        kind="primary"
        label="Make them one"
        pending="Merging…"
        close={close}
      />
    </Dialog>
  );
}
