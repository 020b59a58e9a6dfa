import { expect, test } from "vitest";
import { headline, howToMeasure } from "./headline";

const good = { value: 0.9, lower: 0.7, upper: 0.97, count: 18, sampleCount: 20 };
const early = { value: 0, lower: 0, upper: 0.8, count: 1, sampleCount: 1 };

test("a figure for some of the labels is shown with their number", () => {
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

test("with photos of one label only there is no figure", () => {
  expect(headline({ accuracy: good, taughtLabelCount: 1, labelCount: 2 })).toBeNull();
});

test("accuracy is not shown as 0 % when it is too early to tell", () => {
  expect(headline({ accuracy: early, taughtLabelCount: 2, labelCount: 2 })).toBeNull();
  expect(headline({ accuracy: null, taughtLabelCount: 0, labelCount: 2 })).toBeNull();
  expect(headline(undefined)).toBeNull();
});

test("with one label taught it says that a second one is missing, not more photos", () => {
  expect(howToMeasure(1)).toBe("Teach a second label to measure it.");
  expect(howToMeasure(2)).toBe("A few more annotated photos will show it.");
  expect(howToMeasure(undefined)).toBe("A few more annotated photos will show it.");
});
