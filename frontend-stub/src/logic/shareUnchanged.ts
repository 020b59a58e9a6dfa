/**
 * `after` with each part that is equal to its part of `before` taken from there, so that what is
 * drawn of an unchanged part is not drawn again. Both are plain data.
 */
export function shareUnchanged<Value>(before: unknown, after: Value): Value {
  if (Object.is(before, after)) return after;
  if (!isData(before) || !isData(after) || Array.isArray(before) !== Array.isArray(after)) {
    return after;
  }
  const keys = Object.keys(after);
  let same = keys.length === Object.keys(before).length;
  const shared: Record<string, unknown> = {};
  for (const key of keys) {
    shared[key] = shareUnchanged(before[key], after[key]);
    same &&= Object.hasOwn(before, key) && Object.is(shared[key], before[key]);
  }
  if (same) return before as Value;
  return (Array.isArray(after) ? Object.values(shared) : shared) as Value;
}

function isData(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
