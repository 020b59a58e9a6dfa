/** Wait before an attempt at repeating a request: half a second, doubled up to five seconds. */
export function backOff(attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.min(5_000, 250 * 2 ** attempt)));
}
