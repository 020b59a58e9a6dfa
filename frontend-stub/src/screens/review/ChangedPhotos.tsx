import { useCallback, useState } from "react";
import { fetchChanged } from "../../api/models";
import { count } from "../../logic/estimate";
import { Dialog } from "../../parts/Dialog";
import { Picture } from "../../parts/Picture";
import { Busy, Failed } from "../../parts/Waiting";
import { useLoaded } from "../../parts/useLoaded";
import { useFunction } from "../../workspace/context";

/** A button that shows of which photos the active version says something else than this one. */
export function ChangedPhotos({ version }: { version: number }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button compact quiet" onClick={() => setOpen(true)}>
        Compare<span className="visually-hidden"> with version {version}</span>
      </button>
      {open && <Changed version={version} close={() => setOpen(false)} />}
    </>
  );
}

function Changed({ version, close }: { version: number; close: () => void }) {
  const { fn } = useFunction();
  const load = useCallback(() => fetchChanged(fn.id, version), [fn.id, version]);
  const { value, failure, reload } = useLoaded(load);
  return (
    <Dialog title={`What changed since version ${version}`} close={close} wide>
      {failure !== undefined && <Failed error={failure} retry={reload} />}
      {value === undefined && failure === undefined && <Busy>Comparing</Busy>}
      {value !== undefined && (
        <p className="muted">
          {value.total === 0
            ? "Both versions give the same answer for every photo."
            : `The version in use gives another answer for ${count(value.total, "photo")}:`}
        </p>
      )}
      <ul className="cell-photos">
        {value?.samples.map(({ id, image, annotation, crossValidated }) => (
          <li key={id} className="cell changed">
            <Picture
              sources={[image.thumbnail]}
              alt={annotation ? `Annotated ${annotation.label.name}` : "Not annotated"}
              loading="lazy"
            />
            {crossValidated && (
              <span
                className={
                  annotation?.label.id === crossValidated.label.id
                    ? "cell-label"
                    : "cell-label guess"
                }
              >
                <span>now {crossValidated.label.name}</span>
              </span>
            )}
          </li>
        ))}
      </ul>
      <div className="dialog-foot">
        <button type="button" className="button primary" onClick={close}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
