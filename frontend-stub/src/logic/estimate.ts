/** A rate with its interval, as the API returns it. */
export interface Estimate {
  value: number;
  lower: number;
  upper: number;
  /** Independent observations; fewer than `sampleCount` if some are near-duplicates. */
  count: number;
  /** Photos that the value was measured on. */
  sampleCount: number;
}

/** An interval as wide as this is too vague to act on. */
const TOO_WIDE = 0.6;

/** The estimate if it is precise enough; null if it is too early to tell. */
export function known(estimate: Estimate | null | undefined): Estimate | null {
  if (estimate === null || estimate === undefined || estimate.count === 0) return null;
  return estimate.upper - estimate.lower > TOO_WIDE ? null : estimate;
}

/** The share of right predictions with its 95 % interval (Wilson score); null before the first. */
export function wilson(right: number, count: number): Estimate | null {
  if (count === 0) return null;
  const z = 1.959964;
  const value = right / count;
  const spread = 1 + (z * z) / count;
  const centre = (value + (z * z) / (2 * count)) / spread;
  const half =
    (z / spread) * Math.sqrt((value * (1 - value)) / count + (z * z) / (4 * count * count));
  return {
    value,
    lower: Math.max(0, centre - half),
    upper: Math.min(1, centre + half),
    count,
    sampleCount: count,
  };
}

/** `0.934` as `93 %`; 100 % and 0 % only for exactly 1 and 0. */
export function percent(rate: number): string {
  const rounded = Math.round(rate * 100);
  if (rounded === 100 && rate < 1) return "> 99 %";
  if (rounded === 0 && rate > 0) return "< 1 %";
  return `${rounded} %`;
}

/** `81 to 96 %`. */
export function range({ lower, upper }: Pick<Estimate, "lower" | "upper">): string {
  return `${Math.round(lower * 100)} to ${Math.round(upper * 100)} %`;
}

/** The number of photos behind an estimate, and the number of independent ones if that is lower. */
export function basis({ count: independent, sampleCount }: Estimate): string {
  const photos = `measured on ${count(sampleCount, "photo")}`;
  return independent < sampleCount
    ? `${photos}, which count as ${independent.toLocaleString("en")} independent ones`
    : photos;
}

/** A number of things, such as `1 photo` and `1,204 photos`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}
