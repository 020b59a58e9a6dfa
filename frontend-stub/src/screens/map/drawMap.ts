import { type MapPoint, PLAIN, type Size, type View, placeOf } from "../../logic/sampleMap";

interface Shown {
  /** The points of each colour. */
  groups: readonly (readonly [string, readonly MapPoint[]])[];
  /** Those that are framed. */
  chosen: readonly MapPoint[];
  size: Size;
  view: View;
}

/** Half the sides of a point, in CSS pixels, and of the frame of a chosen one. */
const HALF = 2.5;
const FRAME = 4;

/** Draw the points on a canvas, the chosen ones framed. */
export function drawMap(canvas: HTMLCanvasElement, shown: Shown): void {
  const { groups, chosen, size, view } = shown;
  const scale = window.devicePixelRatio;
  const [width, height] = [Math.round(size.width * scale), Math.round(size.height * scale)];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  if (context === null) return;
  const { color, outlineColor } = getComputedStyle(canvas);
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, size.width, size.height);
  const squares = (of: readonly MapPoint[], half: number): void => {
    for (const point of of) {
      const [left, top] = placeOf(point, size, view);
      if (left < -half || top < -half || left > size.width + half || top > size.height + half)
        continue;
      context.fillRect(left - half, top - half, 2 * half, 2 * half);
    }
  };
  context.fillStyle = outlineColor;
  squares(chosen, FRAME);
  for (const [colour, group] of groups) {
    context.fillStyle = colour === PLAIN ? color : colour;
    squares(group, HALF);
  }
}
