import { describe, expect, it } from "vitest";
import type { MixUp } from "../api/mixUps";
import { mergePreview, mixUpFigure, mixUpTitle } from "./mixUps";

const plain = (text: string) => text.replaceAll(/[\u2068\u2069]/g, "");
const mixUp: MixUp = {
  label: { id: "1", name: "shirt" },
  other: { id: "2", name: "t-shirt" },
  share: { value: 0.38, lower: 0.27, upper: 0.5, count: 40, sampleCount: 60 },
  indistinguishable: true,
  gainIfMerged: 0.07,
};

describe("a mix-up", () => {
  it("is called one that cannot be told apart only where it is hardly better than guessing", () => {
    expect(plain(mixUpTitle(mixUp))).toBe("It cannot tell shirt and t-shirt apart");
    expect(plain(mixUpTitle({ ...mixUp, indistinguishable: false }))).toBe(
      "shirt and t-shirt are often mixed up",
    );
    expect(mixUpFigure(mixUp)).toBe("38 % of 60 photos of both, 27 to 50 %");
  });

  it("says before a merge what changes", () => {
    const [gone, stays] = [
      { name: "t-shirt", sampleCount: 24 },
      { name: "shirt", sampleCount: 36 },
    ];
    expect(plain(mergePreview(gone, stays, 0.81, 0.07))).toBe(
      "24 photos of t-shirt become shirt, which then has 60 photos. Of the answers measured so far, 88 % would be right in place of 81 %.",
    );
    expect(plain(mergePreview(gone, stays, null, 0))).toBe(
      "24 photos of t-shirt become shirt, which then has 60 photos.",
    );
  });
});
