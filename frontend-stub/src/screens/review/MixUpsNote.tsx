import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { type MixUp, fetchMixUps } from "../../api/mixUps";
import { mixUpFigure, mixUpTitle } from "../../logic/mixUps";
import { hrefOf } from "../../logic/route";
import { useFunction } from "../../workspace/context";
import { MergeDialog } from "./MergeDialog";
import rowsStyles from "../../parts/Rows.module.css";

/** Labels that are mixed up: make them one, or describe them so that they differ. */
export function MixUpsNote() {
  const { fn } = useFunction();
  const version = fn.model?.version;
  const [merging, merge] = useState<MixUp | null>(null);
  const { data } = useQuery({
    queryKey: ["mixUps", fn.id, version],
    queryFn: () => fetchMixUps(fn.id),
    enabled: version !== undefined,
    placeholderData: (before) => before,
  });
  const here = new Set(fn.labels.map(({ id }) => id));
  const mixUps = (data?.mixUps ?? []).filter(
    ({ label, other }) => here.has(label.id) && here.has(other.id),
  );
  return (
    <>
      {mixUps.length > 0 && (
        <ul className={rowsStyles["list"]} aria-label="Labels that are mixed up">
          {mixUps.map((mixUp) => (
            <li key={`${mixUp.label.id} ${mixUp.other.id}`} className={rowsStyles["row"]}>
              <strong>{mixUpTitle(mixUp)}</strong>
              <span className="muted small">{mixUpFigure(mixUp)}</span>
              <button type="button" className="button compact" onClick={() => merge(mixUp)}>
                Make them one…
              </button>
              <a className="button compact quiet" href={hrefOf(fn.id, "settings")}>
                Describe them
              </a>
            </li>
          ))}
        </ul>
      )}
      {merging !== null && (
        <MergeDialog
          mixUp={merging}
          accuracy={data?.accuracy?.value ?? null}
          close={() => merge(null)}
        />
      )}
    </>
  );
}
