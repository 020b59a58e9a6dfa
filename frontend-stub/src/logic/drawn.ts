/** In milliseconds: two frames, in which a browser draws what a key press changed. */
export const DRAWING_MS = 40;

/**
 * Resolves when what changed just now has most likely been drawn.
 *
 * Work that can wait leaves the processor to the drawing until then. A timer and not a frame's
 * callback: a page in the background draws no frame, and must still save.
 */
export function drawn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, DRAWING_MS));
}
