import { expect, test } from "vitest";
import { isolated } from "./isolated";

test("right-to-left names are isolated, others stay as they are", () => {
  expect(isolated("مرق")).toBe("\u2068مرق\u2069");
  expect(isolated("Soups")).toBe("Soups");
});
