/** Which rows of a list are chosen, and where a range starts. */
export interface Selection {
  chosen: ReadonlySet<string>;
  anchor: string | null;
}

export const nothingChosen: Selection = { chosen: new Set(), anchor: null };

/** Select or deselect a row. */
export function toggle({ chosen }: Selection, id: string): Selection {
  const next = new Set(chosen);
  if (!next.delete(id)) next.add(id);
  return { chosen: next, anchor: id };
}

/** Also select a range, which starts at `anchor`. */
export function extend({ chosen }: Selection, anchor: string, range: string[]): Selection {
  return { chosen: new Set([...chosen, ...range]), anchor };
}
