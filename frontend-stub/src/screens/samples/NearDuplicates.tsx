import { useQuery } from "@tanstack/react-query";
import { fetchNearDuplicates } from "../../api/samples";
import { PhotoButton } from "./PhotoButton";
import cellStyles from "../../parts/Cell.module.css";

/** The near-duplicates of this photo, if there are any. */
export function NearDuplicates({ id, open }: { id: string; open: (id: string) => void }) {
  const { data: photos } = useQuery({
    queryKey: ["near-duplicates-of", id],
    queryFn: () => fetchNearDuplicates(id),
  });
  if (photos === undefined || photos.length === 0) return null;
  return (
    <div>
      <h3 className="muted small">Almost the same</h3>
      <ul className={cellStyles["small"]}>
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
