// @vitest-environment jsdom
import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { SampleRows } from "../logic/sampleRows";
import { SampleStore } from "../logic/sampleStore";
import { sampleOf } from "../logic/testSamples";
import { useAnswered } from "./useAnswered";

afterEach(cleanup);

/** A list that answers when it is told to. */
function listOf(name: string) {
  let resolve: (ids: string[]) => void = () => undefined;
  let reject: (failure: Error) => void = () => undefined;
  const answer = new Promise<string[]>((...given) => ([resolve, reject] = given));
  const rows = new SampleRows(new SampleStore(), {
    samples: async () => {
      const ids = await answer;
      return { samples: ids.map((id) => sampleOf(id)), total: ids.length };
    },
    ids: () => answer,
  });
  rows.look(0, 1);
  const settled = () => vi.waitFor(() => expect(rows.get()).not.toMatchObject(UNANSWERED));
  return {
    name,
    rows,
    answer: (ids: string[]) => act(() => (resolve(ids), settled())),
    fail: () => act(() => (reject(new Error("away")), settled())),
  };
}

const UNANSWERED = { total: null, failure: null };

test("the list before stays on show until the newest has answered", async () => {
  const [first, second] = [listOf("first"), listOf("second")];
  const { result, rerender } = renderHook(useAnswered<typeof first>, { initialProps: first });
  await first.answer(["a"]);

  rerender(second);
  expect(result.current.name).toBe("first");
  await second.answer(["b"]);

  expect(result.current.name).toBe("second");
  expect(result.current.rows.get().ids).toEqual(["b"]);
});

test("an answer that comes late never replaces a newer one", async () => {
  const lists = [listOf("first"), listOf("slow"), listOf("newest")] as const;
  const [first, slow, newest] = lists;
  const { result, rerender } = renderHook(useAnswered<typeof first>, { initialProps: first });
  await first.answer(["a"]);
  rerender(slow);
  rerender(newest);

  await newest.answer(["c"]);
  await slow.answer(["b"]);

  expect(result.current.name).toBe("newest");
});

test("a slow answer is not shown while a newer list is awaited", async () => {
  const [first, slow, newest] = [listOf("first"), listOf("slow"), listOf("newest")] as const;
  const { result, rerender } = renderHook(useAnswered<typeof first>, { initialProps: first });
  await first.answer(["a"]);
  rerender(slow);
  rerender(newest);

  await slow.answer(["b"]);

  expect(result.current.name).toBe("first");
});

test("a list that fails takes the place of the one before, so that its failure is told", async () => {
  const [first, second] = [listOf("first"), listOf("second")];
  const { result, rerender } = renderHook(useAnswered<typeof first>, { initialProps: first });
  await first.answer(["a"]);

  rerender(second);
  await second.fail();

  expect(result.current.name).toBe("second");
  expect(result.current.rows.get().failure).toEqual(new Error("away"));
});
