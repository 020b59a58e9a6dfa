import { useInfiniteQuery } from "@tanstack/react-query";
import { type SampleFilter, type SampleOrder, fetchSamples } from "../api/samples";
import { useFunction } from "./context";

/** A list of the function's samples, loaded page by page on demand. */
export function useSampleList(filter: SampleFilter, order: SampleOrder) {
  const { functionId, store } = useFunction().workspace;
  return useInfiniteQuery({
    queryKey: ["samples", functionId, filter, order],
    queryFn: async ({ pageParam }) => {
      const { samples, total, next } = await fetchSamples(functionId, filter, order, pageParam);
      store.put(samples);
      return { ids: samples.map(({ id }) => id), total, next };
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    select: ({ pages }) => ({
      // A sample that moved between two requests is on both pages.
      ids: [...new Set(pages.flatMap(({ ids }) => ids))],
      total: pages[0]?.total ?? 0,
    }),
    gcTime: 0,
  });
}
