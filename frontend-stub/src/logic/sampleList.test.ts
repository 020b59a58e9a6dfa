import { expect, test, vi } from "vitest";
import type { SamplePage } from "../api/samples";
import { SampleList } from "./sampleList";
import { SampleStore } from "./sampleStore";
import { pagesOf } from "./testSamples";

async function settled(list: SampleList): Promise<void> {
  await vi.waitFor(() => expect(list.get().loading).toBe(false));
}

test("only as many pages are loaded as somebody looks at", async () => {
  const fetchPage = vi.fn(pagesOf(1000, 100));
  const list = new SampleList(new SampleStore(), fetchPage);

  list.ensure(1);
  await settled(list);
  expect(list.get()).toMatchObject({ total: 1000 });
  expect(list.get().ids).toHaveLength(100);

  list.ensure(250);
  await settled(list);
  expect(list.get().ids).toHaveLength(300);
  expect(fetchPage).toHaveBeenCalledTimes(3);
});

test("a reload keeps the rows until new ones are here", async () => {
  const list = new SampleList(new SampleStore(), pagesOf(5, 100));
  list.ensure(1);
  await settled(list);

  list.reload();
  expect(list.get().ids).toHaveLength(5);
  await settled(list);
  expect(list.get().ids).toHaveLength(5);
});

test("after a failure nothing is asked until a reload", async () => {
  const fetchPage = vi
    .fn<(after: string | null) => Promise<SamplePage>>()
    .mockRejectedValueOnce(new Error("away"))
    .mockImplementation(pagesOf(3, 100));
  const list = new SampleList(new SampleStore(), fetchPage);

  list.ensure(1);
  await settled(list);
  list.ensure(50);
  expect(list.get().failure).toBeInstanceOf(Error);
  expect(fetchPage).toHaveBeenCalledTimes(1);

  list.reload();
  await settled(list);
  expect(list.get()).toMatchObject({ failure: null, total: 3 });
});
