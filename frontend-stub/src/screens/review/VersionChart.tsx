import type { Version } from "../../api/models";
import { bandPath, linePath, pointsOf } from "../../logic/chart";
import { percent } from "../../logic/estimate";
import styles from "./VersionChart.module.css";

const WIDTH = 1000;
const HEIGHT = 200;

/** Accuracy from the first version to the newest as a line, with its interval as a band. */
export function VersionChart({ versions: all }: { versions: Version[] }) {
  const versions = all.flatMap(({ version, active, metrics: { accuracy } }) =>
    accuracy === null ? [] : [{ version, active, accuracy }],
  );
  const points = pointsOf(versions.map(({ accuracy }) => accuracy));
  const first = versions[0];
  const last = versions.at(-1);
  if (first === undefined || last === undefined) return null;
  const active = versions.findIndex((version) => version.active);
  const activePoint = points[active];
  const text = `Accuracy from ${percent(first.accuracy.value)} in version ${first.version} to ${percent(last.accuracy.value)} in version ${last.version}`;
  return (
    <figure className={`card ${styles["chart"]}`}>
      <div className={styles["plot"]}>
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={text}
        >
          {[0, 0.25, 0.5, 0.75, 1].map((share) => (
            <line
              key={share}
              x1="0"
              x2={WIDTH}
              y1={share * HEIGHT}
              y2={share * HEIGHT}
              className={styles["grid"]}
            />
          ))}
          <path d={bandPath(points, WIDTH, HEIGHT)} className={styles["band"]} />
          <path d={linePath(points, WIDTH, HEIGHT)} className={styles["line"]} />
        </svg>
        {activePoint && (
          <span
            className={styles["dot"]}
            style={{ left: `${activePoint.x * 100}%`, top: `${(1 - activePoint.value) * 100}%` }}
          />
        )}
        <span className={styles["mark"]}>100 %</span>
        <span className={`${styles["mark"]} ${styles["middle"]}`}>50 %</span>
        <span className={`${styles["mark"]} ${styles["bottom"]}`}>0 %</span>
      </div>
      <figcaption
        className={`row ${versions.length > 1 ? "spread" : "centred"} muted small number`}
      >
        <span>Version {first.version}</span>
        {versions.length > 1 && <span>Version {last.version}</span>}
      </figcaption>
    </figure>
  );
}
