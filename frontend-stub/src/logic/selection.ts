/** Which rows of a list are chosen, and where a range starts. */
export interface Selection {
  chosen: ReadonlySet<string>;
  anchor: string | null;
}

export const nothingChosen: Selection = { chosen: new Set(), anchor: null };

/** Choose or leave one row. */
export function toggle({ chosen }: Selection, id: string): Selection {
  const next = new Set(chosen);
  if (!next.delete(id)) next.add(id);
  return { chosen: next, anchor: id };
}

/** Choose everything from the anchor to this row as well. */
export function extend(selection: Selection, id: string, ids: readonly string[]): Selection {
  const from = selection.anchor === null ? -1 : ids.indexOf(selection.anchor);
  const to = ids.indexOf(id);
  if (from < 0 || to < 0) return toggle(selection, id);
  const run = ids.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { chosen: new Set([...selection.chosen, ...run]), anchor: selection.anchor };
}
