import { expect, test } from "vitest";
import { isDoubted } from "./doubt";
import { sampleOf } from "./testSamples";

const pants = { id: "pants", name: "Pants" };
const dress = { id: "dress", name: "Dress" };
const disputed = sampleOf("a", {
  disputed: true,
  annotation: { label: pants, source: "PERSON", confirmed: false },
  crossValidated: { label: dress, confidence: 0.6 },
});

test("a model that has seen photos of both labels may doubt an annotation", () => {
  expect(isDoubted(disputed, ["pants", "dress"])).toBe(true);
  expect(isDoubted({ ...disputed, disputed: false }, ["pants", "dress"])).toBe(false);
});

test("a label without photos is no reason to doubt", () => {
  expect(isDoubted(disputed, ["pants"])).toBe(false);
  expect(isDoubted(disputed, ["dress"])).toBe(false);
});
