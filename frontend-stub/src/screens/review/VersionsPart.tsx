import { useCallback } from "react";
import { type Version, activateModel, fetchVersions } from "../../api/models";
import { type Estimate, count, known, percent, range } from "../../logic/estimate";
import { Busy, Failed } from "../../parts/Waiting";
import { notices } from "../../parts/notices";
import { useLoaded } from "../../parts/useLoaded";
import { useTask } from "../../parts/useTask";
import { useFunction } from "../../workspace/context";
import { ChangedPhotos } from "./ChangedPhotos";
import { VersionChart } from "./VersionChart";

/** How accuracy went from version to version, and which one is in use. */
export function VersionsPart() {
  const { fn } = useFunction();
  const version = fn.model?.version;
  // A new version, or a switch to an old one, is a new list.
  const load = useCallback(
    () => (version === undefined ? Promise.resolve([]) : fetchVersions(fn.id)),
    [fn.id, version],
  );
  const { value: versions, failure, reload } = useLoaded(load);
  const switching = useTask(
    (target: Version) => activateModel(target.id).then(() => target),
    (target) => {
      notices.show(`Version ${target.version} is in use.`);
      reload();
    },
  );

  if (failure !== undefined) return <Failed error={failure} retry={reload} />;
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
      {switching.failure !== undefined && <Failed error={switching.failure} />}
      <ol className="versions">
        {versions.toReversed().map((one) => (
          <li key={one.id} className="version">
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
            <span className="version-end">
              {!one.active && <ChangedPhotos version={one.version} />}
              {!one.active && (
                <button
                  type="button"
                  className="button compact"
                  disabled={switching.busy}
                  onClick={() => switching.run(one)}
                >
                  Use this<span className="visually-hidden">, version {one.version}</span>
                </button>
              )}
            </span>
          </li>
        ))}
      </ol>
    </div>
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
