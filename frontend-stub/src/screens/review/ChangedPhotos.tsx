import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { fetchChanged } from "../../api/models";
import { count } from "../../logic/estimate";
import { Dialog } from "../../parts/Dialog";
import { Picture } from "../../parts/Picture";
import { Busy, Failed } from "../../parts/Waiting";
import { useFunction } from "../../workspace/context";
import { LabelName } from "../../parts/LabelName";
import photoListStyles from "./PhotoList.module.css";
import cellStyles from "../../parts/Cell.module.css";
import styles from "./ChangedPhotos.module.css";

/** A button that shows the photos that the active version predicts differently from this one. */
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
  const {
    data: value,
    error,
    refetch,
  } = useQuery({
    queryKey: ["changed", fn.id, version, fn.model?.version],
    queryFn: () => fetchChanged(fn.id, version),
  });
  return (
    <Dialog title={`What changed since version ${version}`} close={close} wide>
      {error !== null && <Failed error={error} retry={() => void refetch()} />}
      {value === undefined && error === null && <Busy>Comparing</Busy>}
      {value !== undefined && (
        <p className="muted">
          {value.total === 0
            ? "Both versions give the same answer for every photo."
            : `The version in use gives another answer for ${count(value.total, "photo")}:`}
        </p>
      )}
      <ul className={photoListStyles["list"]}>
        {value?.samples.map(({ id, image, annotation, crossValidated }) => (
          <li key={id} className={`${cellStyles["cell"]} ${styles["changed"]}`}>
            <Picture
              sources={[image.thumbnail]}
              alt={annotation ? `Annotated ${annotation.label.name}` : "Not annotated"}
              loading="lazy"
            />
            {crossValidated && (
              <span
                className={
                  annotation?.label.id === crossValidated.label.id
                    ? cellStyles["label"]
                    : `${cellStyles["label"]} ${cellStyles["guess"]}`
                }
              >
                <span>
                  now <LabelName label={crossValidated.label} />
                </span>
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
