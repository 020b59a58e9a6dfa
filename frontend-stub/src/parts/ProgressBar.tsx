import styles from "./ProgressBar.module.css";

/** A progress bar, for a value between 0 and 1. */
export function ProgressBar({ name, value }: { name: string; value: number }) {
  return (
    <div
      className={styles["progress"]}
      role="progressbar"
      aria-label={name}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(value * 100)}
    >
      <span style={{ transform: `scaleX(${value})` }} />
    </div>
  );
}
