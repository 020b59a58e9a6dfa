import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { fetchLookedAt } from "../../api/samples";
import styles from "./LookedAt.module.css";

interface Props {
  id: string;
  width: number;
  height: number;
}

/** Dims what the model does not see, on top of a picture that is fitted into the same box. */
export function LookedAt({ id, width, height }: Props) {
  const mask = useId();
  const { data: parts } = useQuery({
    queryKey: ["looked-at", id],
    queryFn: () => fetchLookedAt(id),
  });
  if (parts === undefined) return null;
  const squares = parts.map((part) => ({
    x: part.left * width,
    y: part.top * height,
    width: part.width * width,
    height: part.height * height,
  }));
  return (
    <svg
      className={styles["veil"]}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label="The bright part is what the model looks at"
    >
      <mask id={mask}>
        <rect width={width} height={height} fill="white" />
        {squares.map((square) => (
          <rect key={`${square.x} ${square.y}`} {...square} fill="black" />
        ))}
      </mask>
      <rect width={width} height={height} mask={`url(#${mask})`} className={styles["outside"]} />
      {squares.map((square) => (
        <rect key={`${square.x} ${square.y}`} {...square} className={styles["edge"]} />
      ))}
    </svg>
  );
}
