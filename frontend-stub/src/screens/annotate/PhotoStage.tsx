import { memo, useEffect, useState } from "react";
import { DRAWING_MS } from "../../logic/drawn";
import { useFunction } from "../../workspace/context";
import { Picture } from "../../parts/Picture";
import styles from "./PhotoStage.module.css";

/**
 * The first of these photos on top, the others under it: loaded, decoded and drawn.
 *
 * A photo keeps its element and its layer when its turn comes, so that showing it only changes the
 * order of layers. Once that is painted, the previous photo is removed and another one is added.
 */
export function PhotoStage({ ids, className }: { ids: string[]; className: string | undefined }) {
  const { store } = useFunction().workspace;
  const drawn = useAfterPaint(ids);
  const now = ids[0];
  const frames = now === undefined || drawn.includes(now) ? drawn : ids;
  return (
    <div className={`${styles["stage"]} ${className}`}>
      {frames.map((id) => {
        const image = store.sample(id)?.image;
        return (
          image && (
            <Frame key={id} id={id} url={image.url} thumbnail={image.thumbnail} now={id === now} />
          )
        );
      })}
    </div>
  );
}

/** The value that was painted last; it changes once the new one is drawn. */
function useAfterPaint(value: string[]): string[] {
  const key = value.join(" ");
  const [painted, setPainted] = useState(key);
  useEffect(() => {
    const timer = setTimeout(() => setPainted(key), DRAWING_MS);
    return () => clearTimeout(timer);
  }, [key]);
  return painted === "" ? [] : painted.split(" ");
}

interface Props {
  id: string;
  url: string;
  thumbnail: string;
  now: boolean;
}

const Frame = memo(function Frame({ id, url, thumbnail, now }: Props) {
  return (
    <div
      className={now ? `${styles["frame"]} ${styles["now"]}` : styles["frame"]}
      aria-hidden={!now}
      data-sample={id}
    >
      <img src={thumbnail} alt="" decoding="async" />
      <Picture sources={[url, thumbnail]} alt={now ? "Photo to annotate" : ""} />
    </div>
  );
});
