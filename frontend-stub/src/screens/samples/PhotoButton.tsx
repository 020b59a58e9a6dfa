import type { ReactNode } from "react";
import type { Sample } from "../../api/samples";
import { Picture } from "../../parts/Picture";
import { LabelName } from "../../parts/LabelName";
import cellStyles from "../../parts/Cell.module.css";

interface Props {
  sample: Sample;
  name: string;
  open: () => void;
  /** Further actions on the photo. */
  children?: ReactNode;
}

/** An entry of a list of small photos, with its annotation; pressing it opens the photo. */
export function PhotoButton({ sample: { image, annotation }, name, open, children }: Props) {
  return (
    <li>
      <div className={cellStyles["cell"]}>
        <button type="button" className={cellStyles["button"]} onClick={open}>
          <Picture sources={[image.thumbnail]} alt={name} loading="lazy" />
          {annotation && (
            <span className={cellStyles["label"]}>
              <LabelName label={annotation.label} />
            </span>
          )}
        </button>
      </div>
      {children}
    </li>
  );
}
