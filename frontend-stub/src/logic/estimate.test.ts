import { expect, test } from "vitest";
import { basis, count, known, percent, range, wilson } from "./estimate";

test("the Wilson interval of 8 in 10 is the textbook's", () => {
  const estimate = wilson(8, 10);

  expect(estimate?.value).toBe(0.8);
  expect(estimate?.lower).toBeCloseTo(0.4902, 4);
  expect(estimate?.upper).toBeCloseTo(0.9433, 4);
});

test("without observations there is no share", () => {
  expect(wilson(0, 0)).toBeNull();
});

test("two right of two is too early to tell, five of five is not", () => {
  expect(known(wilson(2, 2))).toBeNull();
  expect(known(wilson(5, 5))?.value).toBe(1);
  expect(known(null)).toBeNull();
});

test("percentages are 0 % or 100 % only if exact", () => {
  expect(percent(1)).toBe("100 %");
  expect(percent(0.999)).toBe("> 99 %");
  expect(percent(0.001)).toBe("< 1 %");
  expect(percent(0)).toBe("0 %");
});

test("ranges and counts are formatted as text", () => {
  expect(range({ lower: 0.812, upper: 0.961 })).toBe("81 to 96 %");
  expect(count(1, "photo")).toBe("1 photo");
  expect(count(1204, "photo")).toBe("1,204 photos");
});

test("an estimate shows the number of photos, and the number of independent ones as a detail", () => {
  const estimate = { value: 0.9, lower: 0.7, upper: 0.97, count: 12, sampleCount: 20 };

  expect(basis(estimate)).toBe("measured on 20 photos, which count as 12 independent ones");
  expect(basis({ ...estimate, count: 20 })).toBe("measured on 20 photos");
});
