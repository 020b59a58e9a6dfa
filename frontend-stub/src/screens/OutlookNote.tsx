import { useQuery } from "@tanstack/react-query";
import { fetchOutlook } from "../api/outlook";
import { goodEnough, lacking, worth } from "../logic/outlook";
import { hrefOf } from "../logic/route";
import { useFunction } from "../workspace/context";
import { useSettled } from "../workspace/useSettled";
import type { settingsFields } from "./settings/settingsFields";
import styles from "./OutlookNote.module.css";

/** How long a version stays the newest before its outlook is asked for: clicks come faster. */
const IDLE_MS = 2_000;

/** How far the function is: the promise, what the next photos are worth, and labels without many. */
export function OutlookNote() {
  const { fn } = useFunction<[typeof settingsFields]>();
  const version = useSettled(fn.model?.version, IDLE_MS);
  const { data } = useQuery({
    queryKey: ["outlook", fn.id, fn.maxErrorRate, version],
    queryFn: () => fetchOutlook(fn.id, fn.maxErrorRate),
    enabled: version !== undefined,
    placeholderData: (before) => before,
  });
  const met = goodEnough(data?.threshold, fn.maxErrorRate);
  const next = worth(data?.nextLabels ?? null);
  const few = fn.labels.length > 1 ? lacking(fn.labels) : null;
  if (met === null && next === null && few === null) return null;
  return (
    <section className={styles["outlook"]} aria-label="What is next">
      {met !== null && (
        <p className="small">
          <span className="tag good">Good enough</span> {met}
        </p>
      )}
      {next !== null && <p className="small">{next}</p>}
      {few !== null && (
        <p className="muted small">
          Too few photos yet: {few}. <a href={hrefOf(fn.id, "samples")}>Add photos</a>
        </p>
      )}
    </section>
  );
}
