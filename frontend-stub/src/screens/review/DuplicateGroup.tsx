import { count } from "../../logic/estimate";
import type { SampleLabel } from "../../logic/sampleStore";
import { LabelSelect } from "../../parts/LabelSelect";
import { announcer } from "../../parts/notices";
import { useFunction } from "../../workspace/context";
import { PhotoButton } from "../samples/PhotoButton";

interface Props {
  /** The photos of the group that are on show. */
  ids: string[];
  /** How many there are, which may be more. */
  size: number;
  open: (id: string) => void;
}

/** One group of photos that show almost the same, and what to do with all of them at once. */
export function DuplicateGroup({ ids, size, open }: Props) {
  const { fn, workspace } = useFunction();
  const samples = ids.flatMap((id) => workspace.store.sample(id) ?? []);
  const named = new Set(samples.flatMap(({ annotation }) => annotation?.label.id ?? []));

  function annotate(label: SampleLabel): void {
    const step = workspace.annotate(ids, label);
    workspace.offerUndo(step);
    announcer.say(`${step.done}.`);
  }

  if (samples.length < 2) return null;
  return (
    <li className="card stack">
      <div className="row spread">
        <h2>
          {count(size, "photo")}{" "}
          {named.size > 1 && <span className="tag warn">annotated differently</span>}
        </h2>
        <div className="row">
          <LabelSelect
            labels={fn.labels}
            name="Annotate the whole group"
            prompt="Annotate all as…"
            choose={annotate}
          />
          <button
            type="button"
            className="button compact danger"
            onClick={() => workspace.offerUndo(workspace.remove(ids.slice(1)))}
          >
            Keep only the first
          </button>
        </div>
      </div>
      <ul className="evidence" aria-label="Photos of the group">
        {samples.map((sample, place) => (
          <PhotoButton
            key={sample.id}
            sample={sample}
            name={`Open photo ${place + 1}`}
            open={() => open(sample.id)}
          />
        ))}
      </ul>
    </li>
  );
}
