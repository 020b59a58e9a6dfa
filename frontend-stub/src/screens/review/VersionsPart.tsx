import type { ReactNode } from "react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type Version, activateModel, fetchVersions } from "../../api/models";
import { type Estimate, count, known, percent, range } from "../../logic/estimate";
import { sittingsOf } from "../../logic/sittings";
import { Busy, Failed } from "../../parts/Waiting";
import { notices } from "../../parts/notices";
import { useFunction } from "../../workspace/context";
import { ChangedPhotos } from "./ChangedPhotos";
import { VersionChart } from "./VersionChart";
import type { trainingFields } from "../trainingFields";
import styles from "./VersionsPart.module.css";

/** The accuracy of each version, and which one is in use. */
export function VersionsPart() {
  const { fn } = useFunction<[typeof trainingFields]>();
  const version = fn.model?.version;
  // A new version, or a switch to an old one, is a new list.
  const {
    data: versions,
    error,
    refetch,
  } = useQuery({
    queryKey: ["versions", fn.id, version],
    queryFn: () => fetchVersions(fn.id),
    enabled: version !== undefined,
  });
  const switching = useMutation({
    mutationFn: (target: Version) => activateModel(target.id).then(() => target),
    onSuccess: (target) => {
      notices.show(`Version ${target.version} is in use.`);
      void refetch();
    },
  });

  if (error !== null) return <Failed error={error} retry={() => void refetch()} />;
  if (versions === undefined) return <Busy>Loading versions</Busy>;
  return (
    <div className="stack">
      <VersionChart versions={versions} />
      {fn.autoTrain && (
        <p className="muted small">
          The next annotation trains a new version and puts it to use. To stay with an older one,
          switch automatic training off in the settings.
        </p>
      )}
      {switching.error !== null && <Failed error={switching.error} />}
      {sittingsOf(versions).map((sitting) => (
        <Sitting
          key={sitting.at(-1)?.id}
          versions={sitting}
          row={(one) => (
            <VersionRow
              key={one.id}
              version={one}
              busy={switching.isPending}
              use={() => switching.mutate(one)}
            />
          )}
        />
      ))}
    </div>
  );
}

interface SittingProps {
  versions: Version[];
  row: (version: Version) => ReactNode;
}

/** The versions of one sitting: the newest and the active one, and others on request. */
function Sitting({ versions, row }: SittingProps) {
  const shown = versions.filter(({ active }, place) => place === 0 || active);
  const others = versions.filter((version) => !shown.includes(version));
  return (
    <div className={styles["versions"]}>
      <ol>{shown.map(row)}</ol>
      {others.length > 0 && (
        <details>
          <summary>{count(others.length, "more version")} of this sitting</summary>
          <ol>{others.map(row)}</ol>
        </details>
      )}
    </div>
  );
}

interface RowProps {
  version: Version;
  /** Whether another version is being activated. */
  busy: boolean;
  use: () => void;
}

function VersionRow({ version: one, busy, use }: RowProps) {
  return (
    <li className={styles["version"]}>
      <span className="number">
        <strong>Version {one.version}</strong>
        {one.active && <span className="tag good">in use</span>}
      </span>
      <span className="number">
        <Accuracy of={known(one.metrics.accuracy)} />
      </span>
      <span className="muted small">
        {one.trainingRun !== null && `${count(one.trainingRun.sampleCount, "photo")}, `}
        {whenOf(one.createdAt)}
      </span>
      <span>
        {!one.active && <ChangedPhotos version={one.version} />}
        {!one.active && (
          <button type="button" className="button compact" disabled={busy} onClick={use}>
            Use this<span className="visually-hidden">, version {one.version}</span>
          </button>
        )}
      </span>
    </li>
  );
}

function Accuracy({ of: accuracy }: { of: Estimate | null }) {
  if (accuracy === null) return <span className="muted">Too early to tell</span>;
  return (
    <>
      {percent(accuracy.value)} <span className="muted small">{range(accuracy)}</span>
    </>
  );
}

const format = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

function whenOf(instant: string): string {
  return format.format(new Date(instant));
}
