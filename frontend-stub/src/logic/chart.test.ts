import { expect, test } from "vitest";
import { bandPath, linePath, pointsOf } from "./chart";

const half = { value: 0.5, lower: 0.25, upper: 0.75 };
const whole = { value: 1, lower: 0.75, upper: 1 };

test("versions spread over the width, higher accuracy is higher up", () => {
  const points = pointsOf([half, whole]);

  expect(linePath(points, 100, 40)).toBe("M0 20L100 0");
  expect(bandPath(points, 100, 40)).toBe("M0 10L100 0L100 10L0 30Z");
});

test("a single version is in the middle", () => {
  expect(pointsOf([half])[0]?.x).toBe(0.5);
});

test("without versions there is no line", () => {
  expect(linePath([], 100, 40)).toBe("");
  expect(bandPath([], 100, 40)).toBe("");
});
