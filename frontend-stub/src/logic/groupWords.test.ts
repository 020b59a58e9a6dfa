import { expect, test } from "vitest";
import { expectedIn } from "./groupWords";

test("the words say how many photos of a group are expected to show something else", () => {
  expect(expectedIn(0.99, 20)).toBe("Probably all of them. ");
  expect(expectedIn(0.95, 20)).toBe("About 1 photo probably shows something else. ");
  expect(expectedIn(0.6, 10)).toBe("About 4 photos probably show something else. ");
  expect(expectedIn(null, 10)).toBe("");
});
