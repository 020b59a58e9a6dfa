const KEYS = "123456789abcdefghijklmnopqrstuvwxyz";

/** The key for the label at `index`; null for labels beyond `z`, which are chosen by name. */
export function keyOf(index: number): string | null {
  return KEYS[index] ?? null;
}

/** The index of the label for a key; null if there is none. */
export function indexOfKey(key: string, labelCount: number): number | null {
  if (key.length !== 1) return null;
  const index = KEYS.indexOf(key.toLowerCase());
  return index >= 0 && index < labelCount ? index : null;
}
