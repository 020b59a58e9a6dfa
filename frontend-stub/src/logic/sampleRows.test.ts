import { expect, test, vi } from "vitest";
import { PAGES_KEPT, SampleRows } from "./sampleRows";
import { SampleStore } from "./sampleStore";
import { sampleOf } from "./testSamples";

/** A server's list of samples `s0`, `s1`, ... of which some can be taken away. */
function listOf(count: number) {
  const all = Array.from({ length: count }, (_, index) => `s${index}`);
  const page = (skip: number, first: number): string[] => all.slice(skip, skip + first);
  return {
    all,
    source: {
      samples: vi.fn((skip: number, first: number) =>
        Promise.resolve({
          samples: page(skip, first).map((id) => sampleOf(id)),
          total: all.length,
        }),
      ),
      ids: vi.fn((skip: number, first: number) => Promise.resolve(page(skip, first))),
    },
  };
}

test("a jump to the end loads the end and nothing between", async () => {
  const { source } = listOf(10_000);
  const store = new SampleStore();
  const rows = new SampleRows(store, source);

  rows.look(0, 40);
  await vi.waitFor(() => expect(rows.get().total).toBe(10_000));
  rows.look(9_970, 10_000);
  await vi.waitFor(() => expect(rows.get().ids[9_999]).toBe("s9999"));

  expect(source.samples.mock.calls.map(([skip]) => skip)).toEqual([0, 9_900]);
  expect(rows.get().ids[5_000]).toBeUndefined();
  expect(store.sample("s9999")?.id).toBe("s9999");
});

test("rows that were scrolled past are not fetched", async () => {
  const { source } = listOf(10_000);
  const rows = new SampleRows(new SampleStore(), source);
  rows.look(0, 40);
  await vi.waitFor(() => expect(rows.get().total).toBe(10_000));

  for (let row = 0; row < 10_000; row += 40) rows.look(row, Math.min(10_000, row + 40));
  await vi.waitFor(() => expect(rows.get().ids[9_960]).toBe("s9960"));

  expect(source.samples.mock.calls.length).toBeLessThanOrEqual(5);
});

test("only the most recently viewed samples are kept", async () => {
  const { source } = listOf(10_000);
  const store = new SampleStore();
  const rows = new SampleRows(store, source);

  for (let row = 0; row < 3_000; row += 100) {
    rows.look(row, row + 100);
    await vi.waitFor(() => expect(rows.get().ids[row]).toBe(`s${row}`));
  }

  expect(store.size).toBe(PAGES_KEPT * 100);
  expect(store.sample("s0")).toBeUndefined();
  rows.look(0, 40);
  await vi.waitFor(() => expect(store.sample("s0")?.id).toBe("s0"));
});

test("the IDs of a range are fetched without its samples", async () => {
  const { source } = listOf(350);
  const store = new SampleStore();
  const rows = new SampleRows(store, source);
  rows.look(0, 40);
  await vi.waitFor(() => expect(rows.get().total).toBe(350));

  expect(await rows.between(90, 310)).toEqual(
    Array.from({ length: 220 }, (_, index) => `s${90 + index}`),
  );
  expect(store.size).toBe(100);
});

test("when rows were deleted meanwhile, the rest moves up and none is skipped", async () => {
  const { all, source } = listOf(300);
  const rows = new SampleRows(new SampleStore(), source);
  rows.look(0, 40);
  await vi.waitFor(() => expect(rows.get().total).toBe(300));

  all.splice(10, 50);
  rows.look(80, 140);
  await vi.waitFor(() => expect(rows.get().total).toBe(250));

  expect(rows.get().ids.slice(80, 140)).toEqual(all.slice(80, 140));
});

test("after a failure nothing is fetched until a reload", async () => {
  const { source } = listOf(3);
  source.samples.mockRejectedValueOnce(new Error("away"));
  const rows = new SampleRows(new SampleStore(), source);

  rows.look(0, 3);
  await vi.waitFor(() => expect(rows.get().failure).toBeInstanceOf(Error));
  rows.look(0, 2);
  expect(source.samples).toHaveBeenCalledTimes(1);
  rows.reload();

  await vi.waitFor(() => expect(rows.get()).toMatchObject({ failure: null, total: 3 }));
});

test("the request of a list that was replaced is cancelled, and viewing the list repeats it", async () => {
  const { source } = listOf(10);
  const signals: AbortSignal[] = [];
  const samples = vi.fn((skip: number, first: number, signal: AbortSignal) => {
    signals.push(signal);
    return source.samples(skip, first);
  });
  const rows = new SampleRows(new SampleStore(), { ...source, samples });

  rows.look(0, 10);
  rows.giveUp();
  await Promise.resolve();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect(rows.get()).toMatchObject({ total: null, failure: null });

  rows.look(0, 10);
  await vi.waitFor(() => expect(rows.get().total).toBe(10));
  rows.giveUp(); // it has its answer
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
});
