/** Wait longer before each repeat of a request: half a second, then twice as long up to five. */
export function backOff(attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.min(5_000, 250 * 2 ** attempt)));
}
