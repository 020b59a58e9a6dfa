import { expect, test } from "vitest";
import { promise } from "./promise";

const rate = (upper: number) => ({ value: 0, lower: 0, upper, count: 9, sampleCount: 12 });

test("a promise that rests on too few photos says so", () => {
  expect(promise({ confidence: 0.39, coverage: 1, errorRate: rate(0.24) }, 0.05)).toBe(
    "It answers 100 % of photos by itself, those it is at least 39 % sure of." +
      " This rests on 12 photos only: up to 24 % of these answers may be wrong.",
  );
});

test("a promise that the measurement supports says what happens to the rest", () => {
  expect(promise({ confidence: 0.8, coverage: 0.7, errorRate: rate(0.04) }, 0.05)).toBe(
    "It answers 70 % of photos by itself, those it is at least 80 % sure of." +
      " The rest is marked for a person to look at.",
  );
});

test("without a threshold that keeps it, nothing is promised", () => {
  expect(promise({ confidence: 1.1, coverage: 0, errorRate: null }, 0.05)).toBe(
    "It cannot promise that yet: every answer is marked for a person to look at.",
  );
});
