import { expect, test } from "vitest";
import { type MapPoint, byColour, colourOf, inView, nearest, placeOf, within } from "./sampleMap";

const size = { width: 400, height: 200 };
const still = { k: 1, x: 0, y: 0 };

function point(id: string, x: number, y: number, more: Partial<MapPoint> = {}): MapPoint {
  return { id, x, y, labelId: null, guessId: null, confidence: null, ...more };
}

test("the middle of the map is the middle of the picture, and up is up", () => {
  expect(placeOf(point("a", 0, 0), size, still)).toEqual([200, 100]);
  expect(placeOf(point("a", 1, 1), size, still)).toEqual([294, 6]);
  expect(placeOf(point("a", 0, 0), size, { k: 2, x: -10, y: 5 })).toEqual([390, 205]);
});

test("a zoomed picture shows the points that are left in it", () => {
  const points = [point("middle", 0, 0), point("corner", 1, 1)];
  expect(inView(points, size, still).map(({ id }) => id)).toEqual(["middle", "corner"]);
  expect(inView(points, size, { k: 4, x: -600, y: -300 }).map(({ id }) => id)).toEqual(["middle"]);
});

test("a line around points chooses those inside, and a line of two points none", () => {
  const points = [point("in", 0, 0), point("out", 0.9, 0)];
  const around: [number, number][] = [[150, 50], [250, 50], [250, 150], [150, 150]]; // prettier-ignore
  expect(within(points, around, size, still)).toEqual(["in"]);
  expect(within(points, around.slice(0, 2), size, still)).toEqual([]);
});

test("a click finds the nearest point, but none that is far away", () => {
  const points = [point("a", 0, 0), point("b", 0.1, 0)];
  expect(nearest(points, [207, 100], size, still, 12)?.id).toBe("b");
  expect(nearest(points, [300, 100], size, still, 12)).toBeNull();
});

test("a guess has the colour of its label only when guesses are coloured", () => {
  const hues = new Map([["soup", 165]]);
  const guessed = point("a", 0, 0, { guessId: "soup", confidence: 0.97 });
  expect(colourOf(guessed, "label", hues)).toBe("plain");
  expect(colourOf(guessed, "guess", hues)).toBe("oklch(0.66 0.15 165)");
  expect(colourOf(guessed, "confidence", hues)).toBe("oklch(0.800 0.15 150)");
  const groups = byColour([guessed, point("b", 0, 0)], (one) => colourOf(one, "guess", hues));
  expect(groups.map(([, points]) => points.map(({ id }) => id))).toEqual([["b"], ["a"]]);
});
