import type { Sample } from "../../api/samples";
import { Picture } from "../../parts/Picture";

interface Props {
  sample: Sample;
  name: string;
  open: () => void;
}

/** An entry of a list of small photos, with what it is annotated as, that opens when it is pressed. */
export function PhotoButton({ sample: { image, annotation }, name, open }: Props) {
  return (
    <li className="cell">
      <button type="button" className="cell-button" onClick={open}>
        <Picture sources={[image.thumbnail]} alt={name} loading="lazy" />
        {annotation && (
          <span className="cell-label">
            <span>{annotation.label.name}</span>
          </span>
        )}
      </button>
    </li>
  );
}
