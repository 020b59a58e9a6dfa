import { expect, test } from "vitest";
import { measuredOf, promiseOf } from "./acceptance";

const acceptable = { count: 1204, expectedErrors: 11.7, version: 3, errorRate: null };
const errorRate = { value: 0.01, lower: 0, upper: 0.0301, count: 150, sampleCount: 230 };

test("the promise says how many photos, and how many of them are expected to be wrong", () => {
  expect(promiseOf(acceptable)).toBe(
    "1,204 photos get the label that the model says. About 12 of them are wrong.",
  );
  expect(promiseOf({ ...acceptable, count: 1, expectedErrors: 0.02 })).toBe(
    "1 photo gets the label that the model says. Probably none of them is wrong.",
  );
  expect(promiseOf({ ...acceptable, count: 20, expectedErrors: 0.9 })).toBe(
    "20 photos get the label that the model says. About 1 of them is wrong.",
  );
  expect(promiseOf({ ...acceptable, count: 0, expectedErrors: 0 })).toBe(
    "The model is not that sure of any of these photos.",
  );
});

test("what was measured is an upper limit, never more than the photos", () => {
  expect(measuredOf({ ...acceptable, errorRate })).toBe(
    "It was that sure of 230 photos of yours without having learned from them, and wrong on 1 % of them. By that measure, at most 37 of these 1,204 photos are wrong.",
  );
  expect(measuredOf({ ...acceptable, count: 2, errorRate: { ...errorRate, value: 0 } })).toBe(
    "It was that sure of 230 photos of yours without having learned from them, and wrong on none of them. By that measure, at most 1 of these 2 photos are wrong.",
  );
  expect(measuredOf(acceptable)).toBe(
    "Too few of your photos got an answer that sure to check this number.",
  );
});
