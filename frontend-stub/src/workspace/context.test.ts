import { expectTypeOf, test } from "vitest";
import type { accuracyFields, labelBarFields } from "../screens/accuracyFields";
import type { quizFields } from "../screens/review/quizFields";
import type { useFunction } from "./context";

test("a component reads the common fields and those of its own fragments, by its types", () => {
  type Common = ReturnType<typeof useFunction<[], []>>["fn"];
  type Score = ReturnType<typeof useFunction<[typeof quizFields, typeof accuracyFields], []>>["fn"];
  type Bars = ReturnType<typeof useFunction<[], [typeof labelBarFields]>>["fn"];

  expectTypeOf<Common>().toHaveProperty("name");
  expectTypeOf<Common>().not.toHaveProperty("quizAccuracy");
  expectTypeOf<NonNullable<Common["model"]>>().not.toHaveProperty("metrics");
  expectTypeOf<Common["labels"][number]>().not.toHaveProperty("metrics");
  expectTypeOf<Score>().toHaveProperty("quizAccuracy");
  expectTypeOf<NonNullable<Score["model"]>>().toHaveProperty("metrics");
  expectTypeOf<Bars["labels"][number]>().toHaveProperty("metrics");
});
