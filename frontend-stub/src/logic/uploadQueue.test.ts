import { expect, test, vi } from "vitest";
import { Failure } from "../api/failure";
import { type Outcome, type Upload, UploadQueue } from "./uploadQueue";

const good: Outcome = { duplicate: false, error: null, canWorkLater: false };
const photo = (name: string, bytes = 10): Upload => ({
  file: new File([new Uint8Array(bytes)], name),
});
const photos = (count: number): Upload[] =>
  Array.from({ length: count }, (_, i) => photo(`${i}.jpg`));

async function ended(queue: UploadQueue): Promise<void> {
  await vi.waitFor(() => expect(queue.get().active).toBe(false));
}

test("at most three batches are sent at once", async () => {
  let now = 0;
  let most = 0;
  const queue = new UploadQueue({
    batchCount: 2,
    send: async (uploads) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 1));
      now--;
      return uploads.map(() => good);
    },
  });

  queue.add(photos(20));
  await ended(queue);

  expect(most).toBe(3);
  expect(queue.get()).toMatchObject({ total: 20, done: 20, added: 20, failed: [] });
});

test("a batch is limited in bytes, and a large picture is sent alone", async () => {
  const batches: string[][] = [];
  const queue = new UploadQueue({
    batchBytes: 100,
    atOnce: 1,
    send: (uploads) => {
      batches.push(uploads.map(({ file }) => file.name));
      return Promise.resolve(uploads.map(() => good));
    },
  });

  queue.add([photo("a", 60), photo("b", 30), photo("c", 30), photo("huge", 500), photo("d", 1)]);
  await ended(queue);

  expect(batches).toEqual([["a", "b"], ["c"], ["huge"], ["d"]]);
});

test("a refused picture fails alone, and only pictures that can succeed later are retried", async () => {
  const send = vi
    .fn<(uploads: Upload[]) => Promise<Outcome[]>>()
    .mockResolvedValueOnce([
      good,
      { ...good, error: "Not an image." },
      { ...good, duplicate: true },
      { ...good, error: "The disk is full.", canWorkLater: true },
    ])
    .mockResolvedValueOnce([good]);
  const queue = new UploadQueue({ send });

  queue.add(photos(4));
  await ended(queue);
  expect(queue.get()).toMatchObject({ total: 4, done: 4, added: 1, duplicates: 1 });
  expect(queue.get().failed.map(({ upload, why }) => [upload.file.name, why])).toEqual([
    ["1.jpg", "Not an image."],
    ["3.jpg", "The disk is full."],
  ]);

  queue.retry();
  await ended(queue);
  expect(send.mock.lastCall?.[0].map(({ file }) => file.name)).toEqual(["3.jpg"]);
  expect(queue.get()).toMatchObject({ total: 4, done: 4, added: 2 });
  expect(queue.get().failed.map(({ why }) => why)).toEqual(["Not an image."]);
});

test("a batch is sent four times while the server is away, and then fails", async () => {
  const send = vi.fn(() => Promise.reject(new Failure("unreachable", "No answer.")));
  const queue = new UploadQueue({ send, wait: () => Promise.resolve() });

  queue.add(photos(2));
  await ended(queue);

  expect(send).toHaveBeenCalledTimes(4);
  expect(queue.get().failed.map(({ why }) => why)).toEqual(["No answer.", "No answer."]);
});

test("a drop after the end starts a new count, and an earlier one adds to it", async () => {
  const queue = new UploadQueue({ send: (uploads) => Promise.resolve(uploads.map(() => good)) });

  queue.add(photos(2));
  queue.add(photos(3));
  expect(queue.get().total).toBe(5);
  await ended(queue);
  queue.add(photos(1));

  expect(queue.get()).toMatchObject({ total: 1, done: 0, added: 0 });
  await ended(queue);
});

test("waiting pictures can be cancelled", async () => {
  const queue = new UploadQueue({
    batchCount: 1,
    atOnce: 1,
    send: (uploads) => Promise.resolve(uploads.map(() => good)),
  });

  queue.add(photos(10));
  queue.cancel();
  await ended(queue);

  expect(queue.get()).toMatchObject({ total: 1, done: 1 });
});
