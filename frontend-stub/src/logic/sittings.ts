/** Versions further apart than this belong to different sittings. */
const PAUSE_MS = 30 * 60_000;

interface Dated {
  createdAt: string;
}

/** Versions, newest first, grouped by long pauses between their training runs. */
export function sittingsOf<Version extends Dated>(versions: readonly Version[]): Version[][] {
  const newestFirst = versions.toSorted(
    (one, other) => Date.parse(other.createdAt) - Date.parse(one.createdAt),
  );
  const sittings: Version[][] = [];
  for (const version of newestFirst) {
    const sitting = sittings.at(-1);
    const after = sitting?.at(-1);
    const pause = after && Date.parse(after.createdAt) - Date.parse(version.createdAt);
    if (sitting !== undefined && pause !== undefined && pause <= PAUSE_MS) sitting.push(version);
    else sittings.push([version]);
  }
  return sittings;
}
