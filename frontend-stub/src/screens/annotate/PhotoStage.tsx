import { useFunction } from "../../workspace/context";
import { Picture } from "../../parts/Picture";

/**
 * The first of these photos large, the others behind it, loaded and decoded.
 *
 * A photo keeps its element when its turn comes, so that showing it is a change of one class.
 */
export function PhotoStage({ ids }: { ids: string[] }) {
  const { store } = useFunction().workspace;
  return (
    <div className="stage">
      {ids.map((id, index) => {
        const sample = store.sample(id);
        if (sample === undefined) return null;
        const { url, thumbnail } = sample.image;
        return (
          <div
            key={id}
            className={index === 0 ? "frame now" : "frame"}
            aria-hidden={index !== 0}
            data-sample={id}
          >
            {index === 0 && <img className="under" src={thumbnail} alt="" />}
            <Picture sources={[url, thumbnail]} alt={index === 0 ? "Photo to annotate" : ""} />
          </div>
        );
      })}
    </div>
  );
}
