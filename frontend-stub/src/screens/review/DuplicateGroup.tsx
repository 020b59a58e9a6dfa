import { count } from "../../logic/estimate";
import { Picture } from "../../parts/Picture";
import { announcer } from "../../parts/notices";
import { useFunction } from "../../workspace/context";

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

  function annotate(labelId: string): void {
    const label = fn.labels.find((one) => one.id === labelId);
    if (label === undefined) return;
    const step = workspace.annotate(ids, { id: label.id, name: label.name });
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
          <select
            className="input"
            aria-label="Annotate the whole group"
            value=""
            onChange={(event) => annotate(event.target.value)}
          >
            <option value="" disabled>
              Annotate all as…
            </option>
            {fn.labels.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
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
        {samples.map(({ id, image, annotation }, place) => (
          <li key={id} className="cell">
            <button type="button" className="cell-button" onClick={() => open(id)}>
              <Picture sources={[image.thumbnail]} alt={`Open photo ${place + 1}`} loading="lazy" />
              {annotation && (
                <span className="cell-label">
                  <span>{annotation.label.name}</span>
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </li>
  );
}
