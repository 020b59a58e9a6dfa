// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from "vitest";
import { type Outcome, type Upload, UploadQueue } from "../logic/uploadQueue";
import { BrokenUpload } from "./brokenUpload";

const added: Outcome = { duplicate: false, error: null, canWorkLater: false };
const photos = (count: number): Upload[] =>
  Array.from({ length: count }, (_, i) => ({ file: new File(["photo"], `${i}.jpg`) }));

beforeEach(() => localStorage.clear());

/** An upload of which the first photo is added, and the others never are. */
function stuck(): UploadQueue {
  const send = vi
    .fn<(uploads: Upload[]) => Promise<Outcome[]>>()
    .mockResolvedValueOnce([added])
    .mockReturnValue(new Promise(() => undefined));
  return new UploadQueue({ send, batchCount: 1 });
}

test("an upload is told of after its tab was left, until it is dismissed", async () => {
  const uploads = stuck();
  const running = new BrokenUpload("dishes", uploads);
  uploads.add(photos(5));
  await vi.waitFor(() => expect(uploads.get().done).toBe(1));
  expect(new BrokenUpload("dishes", stuck()).get()).toBeNull();

  window.dispatchEvent(new Event("pagehide"));
  expect(running.get()).toBeNull();
  const later = new BrokenUpload("dishes", stuck());
  expect(later.get()).toEqual({ done: 1, total: 5 });
  expect(new BrokenUpload("shoes", stuck()).get()).toBeNull();

  later.dismiss();
  expect(later.get()).toBeNull();
  expect(new BrokenUpload("dishes", stuck()).get()).toBeNull();
});

test("an upload that has ended is not told of, and a new one takes the place of a broken one", async () => {
  const broken = stuck();
  new BrokenUpload("dishes", broken);
  broken.add(photos(5));
  window.dispatchEvent(new Event("pagehide"));
  const uploads = new UploadQueue({ send: (some) => Promise.resolve(some.map(() => added)) });
  const next = new BrokenUpload("dishes", uploads);
  expect(next.get()).toEqual({ done: 0, total: 5 });

  uploads.add(photos(2));
  expect(next.get()).toBeNull();
  await vi.waitFor(() => expect(uploads.get().active).toBe(false));

  expect(localStorage.length).toBe(0);
});
