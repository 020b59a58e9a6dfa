import { useCallback } from "react";
import { fetchNearDuplicates } from "../../api/samples";
import { Picture } from "../../parts/Picture";
import { useLoaded } from "../../parts/useLoaded";

/** Photos that show almost the same as this one, if there are any. */
export function NearDuplicates({ id, open }: { id: string; open: (id: string) => void }) {
  const load = useCallback(() => fetchNearDuplicates(id), [id]);
  const { value: photos } = useLoaded(load);
  if (photos === undefined || photos.length === 0) return null;
  return (
    <div>
      <h3 className="muted small">Almost the same</h3>
      <ul className="evidence">
        {photos.map(({ id: other, image, annotation }) => (
          <li key={other} className="cell">
            <button type="button" className="cell-button" onClick={() => open(other)}>
              <Picture sources={[image.thumbnail]} alt="Open the photo" />
              {annotation && (
                <span className="cell-label">
                  <span>{annotation.label.name}</span>
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
