import { createContext } from "react";

export type LabelHues = ReadonlyMap<string, number>;

/** In degrees: each next label is as far from all before it as it can be. */
const GOLDEN_ANGLE = 137.508;
const FIRST = 165;

/** A hue for each label of a function, by its place among them. */
export function huesOf(labels: readonly { id: string }[]): LabelHues {
  return new Map(labels.map(({ id }, place) => [id, (FIRST + place * GOLDEN_ANGLE) % 360]));
}

/** The hues of the labels of the function whose screen this is. */
export const LabelHuesContext = createContext<LabelHues>(new Map());
