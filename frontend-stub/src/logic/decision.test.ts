import { expect, test } from "vitest";
import { decisionText } from "./decision";

const limit = (upper: number) => ({
  errorRate: { value: 0, lower: 0, upper, count: 10, sampleCount: 12 },
});

test("an accepted prediction is green if the measured error rate keeps the limit", () => {
  expect(decisionText("ACCEPT", limit(0.04), 0.05)).toEqual({
    text: "Accepted by your limit for wrong answers",
    tone: "good",
  });
});

test("an accepted prediction whose limit rests on few photos is not green and says so", () => {
  expect(decisionText("ACCEPT", limit(0.24), 0.05)).toEqual({
    text: "Accepted by your limit for wrong answers, which rests on 12 photos only",
    tone: "warn",
  });
  expect(decisionText("ACCEPT", null, 0.05).tone).toBe("warn");
});

test("nothing is green before the measurement is known, or if a person should look at it", () => {
  expect(decisionText("ACCEPT", undefined, 0.05).tone).toBe("");
  expect(decisionText("REVIEW", limit(0.01), 0.05).tone).toBe("warn");
  expect(decisionText("NONE_OF_THESE", limit(0.01), 0.05).tone).toBe("warn");
});
