import type { Upload } from "../logic/uploadQueue";

const waiting = new Map<string, Upload[]>();

/** Keep photos for a function that was just created, until its page is open and uploads them. */
export function keepFirstUploads(functionId: string, uploads: Upload[]): void {
  waiting.set(functionId, uploads);
}

/** Take the photos that were kept for a function; they are returned once. */
export function takeFirstUploads(functionId: string): Upload[] {
  const uploads = waiting.get(functionId) ?? [];
  waiting.delete(functionId);
  return uploads;
}
