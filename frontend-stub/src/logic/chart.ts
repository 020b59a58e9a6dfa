/** A point of the accuracy chart; both coordinates are between 0 and 1, and up is more. */
export interface Point {
  x: number;
  value: number;
  lower: number;
  upper: number;
}

interface Measured {
  value: number;
  lower: number;
  upper: number;
}

/** Versions as points, evenly spread from left to right. */
export function pointsOf(accuracies: Measured[]): Point[] {
  const last = accuracies.length - 1;
  return accuracies.map(({ value, lower, upper }, index) => ({
    x: last === 0 ? 0.5 : index / last,
    value,
    lower,
    upper,
  }));
}

/** The line through the values, in an SVG of this size. */
export function linePath(points: Point[], width: number, height: number): string {
  return points
    .map(({ x, value }, i) => `${i ? "L" : "M"}${at(x, width)} ${at(1 - value, height)}`)
    .join("");
}

/** The band between the intervals' ends, in an SVG of this size. */
export function bandPath(points: Point[], width: number, height: number): string {
  const upper = points.map(({ x, upper: y }) => `${at(x, width)} ${at(1 - y, height)}`);
  const lower = points.map(({ x, lower: y }) => `${at(x, width)} ${at(1 - y, height)}`).reverse();
  return points.length === 0 ? "" : `M${[...upper, ...lower].join("L")}Z`;
}

function at(share: number, size: number): number {
  return Math.round(share * size * 100) / 100;
}
