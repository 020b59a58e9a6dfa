import { describe, expect, it } from "vitest";
import type { Outlook } from "../api/outlook";
import { goodEnough, lacking, worth } from "./outlook";

const plain = (text: string | null) => text?.replaceAll(/[\u2068\u2069]/g, "") ?? null;

function nextOf(gain: number, ...names: string[]): Outlook["nextLabels"] {
  return { sampleCount: 20, gain, labels: names.map((name) => ({ id: name, name })) };
}

function thresholdOf(upper: number, confidence = 0.7): Outlook["threshold"] {
  return {
    confidence,
    coverage: 0.92,
    errorRate: { value: 0.01, lower: 0, upper, count: 100, sampleCount: 100 },
  };
}

describe("the outlook", () => {
  it("says what the next photos are worth, or that it is little", () => {
    expect(plain(worth(nextOf(0.031, "shirt", "skirt")))).toBe(
      "20 more of shirt and skirt: about +3 points",
    );
    expect(plain(worth(nextOf(0.012, "hat")))).toBe("20 more of hat: about +1 point");
    expect(plain(worth(nextOf(0.004, "shirt", "skirt")))).toBe(
      "20 more of shirt and skirt: less than one point",
    );
    expect(worth(null)).toBeNull();
  });

  it("names the labels that lack photos, fewest first", () => {
    const labels = [4, 9, 0, 3, 2].map((sampleCount, n) => ({ name: `L${n}`, sampleCount }));
    expect(plain(lacking(labels))).toBe("L2, L4, L3 and 1 more");
    expect(plain(lacking(labels.slice(0, 3)))).toBe("L2 and L0");
    expect(lacking([{ name: "a", sampleCount: 5 }])).toBeNull();
  });

  it("is good enough only where the whole interval keeps the promise", () => {
    expect(goodEnough(thresholdOf(0.05), 0.05)).toBe(
      "It answers 92 % of photos by itself, at most 5 % of them wrong.",
    );
    expect(goodEnough(thresholdOf(0.06), 0.05)).toBeNull();
    expect(goodEnough(thresholdOf(0.01, 1.1), 0.05)).toBeNull();
    expect(goodEnough(undefined, 0.05)).toBeNull();
  });
});
