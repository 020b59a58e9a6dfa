import { createContext } from "react";

export type LabelHues = ReadonlyMap<string, number>;

/** In degrees: each further label gets the hue that is farthest from all earlier ones. */
const GOLDEN_ANGLE = 137.508;
const FIRST = 165;

/** A hue for each label of a function, by its position. */
export function huesOf(labels: readonly { id: string }[]): LabelHues {
  return new Map(labels.map(({ id }, place) => [id, (FIRST + place * GOLDEN_ANGLE) % 360]));
}

/** The hues of the current function's labels. */
export const LabelHuesContext = createContext<LabelHues>(new Map());
