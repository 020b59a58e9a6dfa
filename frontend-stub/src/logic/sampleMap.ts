import { polygonContains } from "d3-polygon";

/** A sample on the map; `x` and `y` are about -1 to 1, upwards. */
export interface MapPoint {
  id: string;
  x: number;
  y: number;
  labelId: string | null;
  guessId: string | null;
  confidence: number | null;
}

export const colourings = ["label", "guess", "confidence"] as const;
export type Colouring = (typeof colourings)[number];

/** How the map was moved: a place `p` is drawn at `p * k + (x, y)`. */
export interface View {
  k: number;
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

/** The share of the shorter side that the map fills at first. */
const FILLED = 0.94;
/** The colour of points without a label; the picture replaces it by its own. */
export const PLAIN = "plain";

/** Where a point is drawn, in CSS pixels from the top left. */
export function placeOf({ x, y }: MapPoint, size: Size, view: View): [number, number] {
  const half = (FILLED * Math.min(size.width, size.height)) / 2;
  return [
    (size.width / 2 + half * x) * view.k + view.x,
    (size.height / 2 - half * y) * view.k + view.y,
  ];
}

/** The points that are drawn within a margin of the picture. */
export function inView(
  points: readonly MapPoint[],
  size: Size,
  view: View,
  margin = 0,
): MapPoint[] {
  return points.filter((point) => {
    const [left, top] = placeOf(point, size, view);
    return (
      left >= -margin &&
      top >= -margin &&
      left <= size.width + margin &&
      top <= size.height + margin
    );
  });
}

/** The IDs of the points within a line drawn around them, in CSS pixels. */
export function within(
  points: readonly MapPoint[],
  line: readonly [number, number][],
  size: Size,
  view: View,
): string[] {
  if (line.length < 3) return [];
  const shape = [...line];
  return points
    .filter((point) => polygonContains(shape, placeOf(point, size, view)))
    .map(({ id }) => id);
}

/** The nearest point to a place, at most `most` CSS pixels away. */
export function nearest(
  points: readonly MapPoint[],
  [left, top]: [number, number],
  size: Size,
  view: View,
  most: number,
): MapPoint | null {
  let found: MapPoint | null = null;
  let least = most;
  for (const point of points) {
    const [x, y] = placeOf(point, size, view);
    const far = Math.hypot(x - left, y - top);
    if (far <= least) [found, least] = [point, far];
  }
  return found;
}

/** The CSS colour of a point. */
export function colourOf(
  { labelId, guessId, confidence }: MapPoint,
  by: Colouring,
  hues: ReadonlyMap<string, number>,
): string {
  if (by === "confidence") {
    if (confidence === null) return PLAIN;
    const share = Math.round(confidence * 10) / 10;
    return `oklch(${(0.45 + 0.35 * share).toFixed(3)} 0.15 ${(30 + 120 * share).toFixed(0)})`;
  }
  const hue = hues.get((by === "label" ? labelId : (labelId ?? guessId)) ?? "");
  return hue === undefined ? PLAIN : `oklch(0.66 0.15 ${hue.toFixed(0)})`;
}

/** Points by their colour, so that each colour is set once; those without one come first. */
export function byColour(
  points: readonly MapPoint[],
  colour: (point: MapPoint) => string,
): [string, MapPoint[]][] {
  const groups = new Map<string, MapPoint[]>([[PLAIN, []]]);
  for (const point of points) {
    const name = colour(point);
    const group = groups.get(name);
    if (group) group.push(point);
    else groups.set(name, [point]);
  }
  return [...groups];
}
