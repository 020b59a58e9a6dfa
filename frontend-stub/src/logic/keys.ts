const KEYS = "123456789abcdefghijklmnopqrstuvwxyz";

/** The key that stands for the label at `index`; null for those beyond `z`, which are found by name. */
export function keyOf(index: number): string | null {
  return KEYS[index] ?? null;
}

/** The index of the label that a key stands for; null where there is none. */
export function indexOfKey(key: string, labelCount: number): number | null {
  if (key.length !== 1) return null;
  const index = KEYS.indexOf(key.toLowerCase());
  return index >= 0 && index < labelCount ? index : null;
}
