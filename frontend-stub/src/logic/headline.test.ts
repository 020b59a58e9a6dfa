import { expect, test } from "vitest";
import { headline } from "./headline";

const good = { value: 0.9, lower: 0.7, upper: 0.97, count: 18, sampleCount: 20 };
const early = { value: 0, lower: 0, upper: 0.8, count: 1, sampleCount: 1 };

test("a figure for some of the labels says for how many", () => {
  expect(headline({ accuracy: good, taughtLabelCount: 3, labelCount: 5 })).toEqual({
    accuracy: good,
    scope: "for 3 of 5 labels",
  });
});

test("a figure for every label stands alone", () => {
  expect(headline({ accuracy: good, taughtLabelCount: 2, labelCount: 2 })).toEqual({
    accuracy: good,
    scope: null,
  });
});

test("one label that is taught is no figure for a classifier", () => {
  expect(headline({ accuracy: good, taughtLabelCount: 1, labelCount: 2 })).toBeNull();
});

test("nothing is 0 % accurate because it is early", () => {
  expect(headline({ accuracy: early, taughtLabelCount: 2, labelCount: 2 })).toBeNull();
  expect(headline({ accuracy: null, taughtLabelCount: 0, labelCount: 2 })).toBeNull();
  expect(headline(undefined)).toBeNull();
});
