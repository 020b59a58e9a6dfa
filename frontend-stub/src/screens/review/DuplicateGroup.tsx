import { useState } from "react";
import { count } from "../../logic/estimate";
import type { SampleLabel } from "../../logic/sampleStore";
import { LabelSelect } from "../../parts/LabelSelect";
import { announcer } from "../../parts/notices";
import { useFunction } from "../../workspace/context";
import { ASK_FROM, DeleteQuestion } from "../samples/DeleteQuestion";
import { PhotoButton } from "../samples/PhotoButton";
import cellStyles from "../../parts/Cell.module.css";

interface Props {
  /** The visible photos of the group. */
  ids: string[];
  /** The number of photos in the group, which may be larger. */
  size: number;
  open: (id: string) => void;
}

/** A group of near-duplicates, with actions for all of them. */
export function DuplicateGroup({ ids, size, open }: Props) {
  const { fn, workspace } = useFunction();
  const samples = ids.flatMap((id) => workspace.store.sample(id) ?? []);
  const named = new Set(samples.flatMap(({ annotation }) => annotation?.label.id ?? []));
  /** The photos to delete, while the page asks for confirmation. */
  const [asked, setAsked] = useState<string[] | null>(null);

  function annotate(label: SampleLabel): void {
    const step = workspace.annotate(ids, label);
    workspace.offerUndo(step);
    announcer.say(`${step.done}.`);
  }

  function keepOnly(id: string): void {
    const others = ids.filter((other) => other !== id);
    if (others.length < ASK_FROM) remove(others);
    else setAsked(others);
  }

  function remove(others: string[]): void {
    setAsked(null);
    workspace.offerUndo(workspace.remove(others));
  }

  if (samples.length < 2) return null;
  return (
    <li className="card stack">
      <div className="row spread">
        <h2>
          {count(size, "photo")}{" "}
          {named.size > 1 && <span className="tag warn">annotated differently</span>}
        </h2>
        <LabelSelect
          labels={fn.labels}
          name="Annotate the whole group"
          prompt="Annotate all as…"
          choose={annotate}
        />
      </div>
      <ul className={cellStyles["small"]} aria-label="Photos of the group">
        {samples.map((sample, place) => (
          <PhotoButton
            key={sample.id}
            sample={sample}
            name={`Open photo ${place + 1}`}
            open={() => open(sample.id)}
          >
            <button
              type="button"
              className="button compact"
              aria-label={`Keep only photo ${place + 1}`}
              title="Delete the others of this group"
              onClick={() => keepOnly(sample.id)}
            >
              Keep only
            </button>
          </PhotoButton>
        ))}
      </ul>
      {asked !== null && (
        <DeleteQuestion
          photos={asked.length}
          annotated={asked.filter((id) => workspace.store.sample(id)?.annotation != null).length}
          remove={() => remove(asked)}
          close={() => setAsked(null)}
        />
      )}
    </li>
  );
}
