/** In milliseconds: two frames, in which a browser draws the changes of a key press. */
export const DRAWING_MS = 40;

/**
 * Resolves when the latest changes have most likely been drawn.
 *
 * Work that can wait is delayed so that drawing comes first. It uses a timer and not the callback
 * of a frame, because a page in the background draws no frames but must still save.
 */
export function drawn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, DRAWING_MS));
}
