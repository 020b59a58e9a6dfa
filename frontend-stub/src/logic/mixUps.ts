import type { MixUp } from "../api/mixUps";
import { count, percent, range } from "./estimate";
import { isolated } from "./isolated";

/** Two labels that are mixed up, as a headline. */
export function mixUpTitle({ label, other, indistinguishable }: MixUp): string {
  const names = `${isolated(label.name)} and ${isolated(other.name)}`;
  return indistinguishable ? `It cannot tell ${names} apart` : `${names} are often mixed up`;
}

/** How often they are mixed up, and on how many photos that rests. */
export function mixUpFigure({ share }: MixUp): string {
  return `${percent(share.value)} of ${count(share.sampleCount, "photo")} of both, ${range(share)}`;
}

interface Photos {
  name: string;
  sampleCount: number;
}

/** What changes if the photos of one label become those of another. */
export function mergePreview(
  gone: Photos,
  stays: Photos,
  accuracy: number | null,
  gain: number,
): string {
  const all = gone.sampleCount + stays.sampleCount;
  const photos = `${count(gone.sampleCount, "photo")} of ${isolated(gone.name)} become ${isolated(stays.name)}, which then has ${count(all, "photo")}.`;
  if (accuracy === null) return photos;
  return `${photos} Of the answers measured so far, ${percent(Math.min(1, accuracy + gain))} would be right in place of ${percent(accuracy)}.`;
}
