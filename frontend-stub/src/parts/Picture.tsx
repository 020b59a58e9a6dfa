import { useState } from "react";
import styles from "./Picture.module.css";

interface Props {
  /** URLs from best to last resort: not every browser can show every phone's photos. */
  sources: string[];
  alt: string;
  className?: string | undefined;
  loading?: "lazy" | "eager";
}

/** A picture that falls back to the next source when one cannot be shown. */
export function Picture({ sources, alt, className, loading = "eager" }: Props) {
  const [failed, setFailed] = useState<readonly string[]>([]);
  const source = sources.find((one) => !failed.includes(one));
  if (source === undefined) {
    return (
      <span role="img" aria-label={alt} className={`${styles["missing"]} ${className ?? ""}`}>
        No preview
      </span>
    );
  }
  return (
    <img
      src={source}
      alt={alt}
      className={className}
      loading={loading}
      decoding="async"
      draggable={false}
      onError={() => setFailed([...failed, source])}
    />
  );
}
