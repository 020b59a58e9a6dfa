import { useCallback } from "react";
import { fetchNearDuplicates } from "../../api/samples";
import { useLoaded } from "../../parts/useLoaded";
import { PhotoButton } from "./PhotoButton";

/** Photos that show almost the same as this one, if there are any. */
export function NearDuplicates({ id, open }: { id: string; open: (id: string) => void }) {
  const load = useCallback(() => fetchNearDuplicates(id), [id]);
  const { value: photos } = useLoaded(load);
  if (photos === undefined || photos.length === 0) return null;
  return (
    <div>
      <h3 className="muted small">Almost the same</h3>
      <ul className="evidence">
        {photos.map((sample) => (
          <PhotoButton
            key={sample.id}
            sample={sample}
            name="Open the photo"
            open={() => open(sample.id)}
          />
        ))}
      </ul>
    </div>
  );
}
