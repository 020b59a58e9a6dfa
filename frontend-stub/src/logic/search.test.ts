import { expect, test } from "vitest";
import { Failure } from "../api/failure";
import { noFilters, withSearch } from "./filters";
import { foundText, refusalOf, searchHints } from "./search";

const words = withSearch(noFilters, { words: " striped " });
const like = withSearch(noFilters, { likeId: "s1" });
const clip = { encoder: "ViT-B-32", sampleCounts: { total: 400, embedded: 400 } };

test("a list says how many photos it has, and in which order if they were searched for", () => {
  expect(foundText(1, noFilters)).toBe("1 photo");
  expect(foundText(1_200, words)).toBe("1,200 photos, most similar to “striped” first");
  expect(foundText(399, like)).toBe("399 photos, most similar to this photo first");
});

test("a search says that it leaves no photo out, but those that cannot be compared", () => {
  const bundled = {
    encoder: "efficientnet-lite2 (bundled)",
    sampleCounts: { total: 400, embedded: 399 },
  };

  expect(searchHints(noFilters, clip)).toEqual([]);
  expect(searchHints(words, clip)).toEqual([
    "All photos are listed, the most similar first and the least similar last.",
  ]);
  expect(searchHints({ ...like, labelId: "soup" }, bundled)).toEqual([
    "All photos that match the filters are listed, the most similar first and the least similar last.",
    "1 photo cannot be compared yet, and is not listed.",
  ]);
});

test("an encoder that knows little of words is told of beside words alone", () => {
  const bundled = { ...clip, encoder: "efficientnet-lite2 (bundled)" };
  const weak =
    "The bundled encoder knows names of things roughly, and colours, actions and negations hardly at all.";

  expect(searchHints(words, bundled)).toContain(weak);
  expect(searchHints(like, bundled)).not.toContain(weak);
});

test("a refused search says what helps, and offers no second try that cannot work", () => {
  const failureOf = (code: Failure["code"]) => new Failure("refused", "As the API says.", [], code);

  expect(refusalOf(failureOf("LIMIT_REACHED"), words)).toEqual({
    error: "This function has too many photos for this search. Use filters and file names instead.",
    mayWorkLater: false,
  });
  expect(refusalOf(failureOf("NOT_FOUND"), like)).toEqual({
    error: "The photo to compare with has been deleted.",
    mayWorkLater: false,
  });
  expect(refusalOf(failureOf("INVALID"), like)).toEqual({
    error:
      "This photo has not been processed yet, so that nothing can be compared with it. Try again in a moment.",
    mayWorkLater: true,
  });
});

test("what is no matter of the search is said as the API says it", () => {
  const waiting = new Failure("unreachable", "The weights are being downloaded.");
  const limit = new Failure("refused", "A quota is used up.", [], "LIMIT_REACHED");

  expect(refusalOf(waiting, words)).toEqual({ error: waiting, mayWorkLater: true });
  expect(refusalOf(limit, noFilters)).toEqual({ error: limit, mayWorkLater: true });
});
