import { expect, test } from "vitest";
import type { Comparison, Encoder, EncoderChange } from "../api/encoders";
import { flips, offerOf, rowsOf, size, titleOf, verdict } from "./encoders";

const encoderOf = (over: Partial<Encoder> = {}): Encoder => ({
  name: "ViT-B-32-256/tag",
  licence: "MIT",
  megabytes: 605,
  accuracy: 0.728,
  note: "",
  milliseconds: null,
  isHere: true,
  ...over,
});
const bundled = encoderOf({ name: "bundled", licence: "Apache-2.0", accuracy: null });

const comparisonOf = (over: Partial<Comparison> = {}): Comparison => ({
  sampleCount: 120,
  accuracyBefore: 0.8,
  accuracyAfter: 0.875,
  logLossBefore: 0.614,
  logLossAfter: 0.4,
  gainedCount: 12,
  lostCount: 3,
  gainedSampleIds: [],
  lostSampleIds: [],
  worse: false,
  millisecondsBefore: 9.44,
  millisecondsAfter: 40.3,
  ...over,
});

const changeOf = (state: EncoderChange["state"], encoder = "ViT-B-32-256/tag"): EncoderChange => ({
  encoder,
  encoderBefore: "bundled",
  state,
  switchesByItself: true,
  canGoBack: false,
  embeddedCount: 0,
  finishedAt: null,
  comparison: null,
});

test("an encoder has a name that a person can read, and a file has no folder", () => {
  expect(
    [
      "bundled",
      "ViT-B-32-256/datacomp_s34b_b86k",
      "ViT-B-16-SigLIP2-256/webli",
      "MobileCLIP2-S2/dfndr2b",
      "ViT-S-32-alt:/srv/models/mine.pt",
    ].map(titleOf),
  ).toEqual([
    "the bundled encoder",
    "CLIP ViT-B-32-256",
    "SigLIP 2 ViT-B-16-256",
    "MobileCLIP 2 S2",
    "CLIP ViT-S-32-alt",
  ]);
  expect([605, 1510].map(size)).toEqual(["605 MB", "1.5 GB"]);
});

test("the first encoder on the server that is published to be better is offered", () => {
  const better = encoderOf({ name: "ViT-B-16/tag", accuracy: 0.791 });
  const all = [encoderOf({ isHere: false }), better, encoderOf({ name: "RN50/tag" }), bundled];

  expect(offerOf("bundled", null, all)).toBe(better);
  expect(offerOf("ViT-B-16/tag", null, all)).toBeNull();
  expect(offerOf("mine/weights.pt", null, all)).toBeNull();
  expect(offerOf("bundled", null, [bundled])).toBeNull();
  const research = encoderOf({ licence: "Apple ML Research", accuracy: 0.9 });
  expect(offerOf("bundled", null, [research, bundled])).toBeNull();
});

test("nothing is offered during a change, nor what was turned down", () => {
  const all = [encoderOf(), bundled];
  const offered = (change: EncoderChange) => offerOf("bundled", change, all) !== null;

  expect(offered(changeOf("EMBEDDING"))).toBe(false);
  expect(offered(changeOf("WAITING", "bundled"))).toBe(false);
  expect(offered(changeOf("STOPPED"))).toBe(false);
  expect(offered(changeOf("UNDONE"))).toBe(false);
  expect(offered(changeOf("STOPPED", "ViT-L-14/tag"))).toBe(true);
  expect(offered(changeOf("SWITCHED", "bundled"))).toBe(true);
});

test("a comparison says who does better, what flips, and both figures", () => {
  expect(verdict(null)).toBe("There is no version yet that it could be compared with.");
  expect(verdict(comparisonOf({ sampleCount: 0 }))).toBe(
    "There are too few photos to compare the two.",
  );
  expect(verdict(comparisonOf())).toBe("The new encoder gets more of your photos right.");
  expect(verdict(comparisonOf({ gainedCount: 3 }))).toBe("Both do equally well on your photos.");
  expect(verdict(comparisonOf({ gainedCount: 2 }))).toBe(
    "The new encoder gets fewer of your photos right, but that may be chance.",
  );
  expect(verdict(comparisonOf({ gainedCount: 0, lostCount: 9, worse: true }))).toBe(
    "The new encoder does worse on your photos.",
  );
  expect(flips(comparisonOf())).toBe(
    "Of 120 photos that neither had learned from, 12 become right and 3 become wrong.",
  );
  expect(rowsOf(comparisonOf())).toEqual([
    { name: "Right answers", before: "80.0 %", after: "87.5 %" },
    { name: "Log loss (lower is better)", before: "0.61", after: "0.40" },
    { name: "Time for a photo", before: "9.4 ms", after: "40 ms" },
  ]);
});

test("figures that could not be measured are left out", () => {
  const nothing = { accuracyBefore: null, accuracyAfter: null };
  const rows = rowsOf(comparisonOf({ ...nothing, logLossBefore: null, logLossAfter: null }));

  expect(rows.map(({ name }) => name)).toEqual(["Time for a photo"]);
});
