import { describe, expect, it } from "vitest";
import type { Drift, Period } from "../api/monitoring";
import {
  decisionColumns,
  driftWords,
  periodName,
  rangeColumns,
  shareWords,
  spanOf,
  waitingReasons,
} from "./monitoring";

function periodOf(over: Partial<Period> = {}): Period {
  return {
    start: "2026-11-28T14:00:00+00:00",
    count: 0,
    acceptCount: 0,
    reviewCount: 0,
    noneOfTheseCount: 0,
    meanConfidence: null,
    confidence: null,
    noneOfThese: null,
    ...over,
  };
}

const estimate = (value: number, lower: number, upper: number) => ({
  value,
  lower,
  upper,
  count: 100,
  sampleCount: 100,
});

describe("columns", () => {
  it("stack decisions up to the period with most invocations", () => {
    const busy = periodOf({ count: 4, acceptCount: 2, reviewCount: 1, noneOfTheseCount: 1 });
    expect(decisionColumns([periodOf(), busy, periodOf({ count: 1, acceptCount: 1 })])).toEqual([
      [],
      [
        { tone: "accept", from: 0, to: 0.5 },
        { tone: "review", from: 0.5, to: 0.75 },
        { tone: "none", from: 0.75, to: 1 },
      ],
      [{ tone: "accept", from: 0, to: 0.25 }],
    ]);
  });

  it("have a range and a value where there is one", () => {
    const found = rangeColumns([periodOf(), periodOf({ count: 1 })], ({ count }) =>
      count === 0 ? null : { lower: 0.1, value: 0.2, upper: 0.4 },
    );
    expect(found).toEqual([
      [],
      [
        { tone: "range", from: 0.1, to: 0.4 },
        { tone: "value", from: 0.2, to: 0.2 },
      ],
    ]);
  });
});

describe("words", () => {
  it("name a period by its start in UTC", () => {
    expect(periodName("2026-11-28T14:00:00+00:00", "HOUR")).toBe("28 Nov, 14:00");
    expect(periodName("2026-11-28T00:00:00+00:00", "DAY")).toBe("28 Nov");
  });

  it("speak of a change only where the interval is above zero", () => {
    const drift: Drift = {
      invoked: estimate(0.35, 0.28, 0.43),
      heldOut: estimate(0.05, 0.02, 0.13),
      difference: 0.3,
      lower: 0.19,
      upper: 0.39,
      detected: true,
    };
    expect(driftWords(drift).title).toBe("Photos are unlike those that taught it");
    expect(driftWords(drift).text).toContain("35 % of the photos asked about");
    expect(driftWords({ ...drift, detected: false, lower: -0.05 }).title).toBe(
      "No change that is more than chance",
    );
    expect(driftWords(null).title).toContain("Too early");
  });

  it("compare a label's share by its interval", () => {
    const share = estimate(0.5, 0.4, 0.6);
    expect(shareWords({ share, taughtShare: 0.3 })).toBe("more often than among your photos");
    expect(shareWords({ share, taughtShare: 0.7 })).toBe("less often than among your photos");
    expect(shareWords({ share, taughtShare: 0.45 })).toBe("about as often");
  });

  it("offer only reasons with which photos wait", () => {
    const found = waitingReasons([
      { reason: null, count: 2, unannotatedCount: 2 },
      { reason: "STRANGE", count: 3, unannotatedCount: 1 },
      { reason: "RANDOM", count: 3, unannotatedCount: 0 },
    ]);
    expect(found).toEqual(["STRANGE"]);
    expect([spanOf(null), spanOf("day"), spanOf("year")]).toEqual(["month", "day", "month"]);
  });
});
