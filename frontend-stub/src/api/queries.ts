import { QueryClient, keepPreviousData } from "@tanstack/react-query";

/**
 * What the page has asked for. Nothing is repeated by itself: a request that fails says so, and
 * what it showed before stays on show meanwhile.
 */
export function createQueries(): QueryClient {
  const always = { networkMode: "always", retry: false } as const; // the server may be this machine
  return new QueryClient({
    defaultOptions: {
      queries: { ...always, refetchOnWindowFocus: false, placeholderData: keepPreviousData },
      mutations: always,
    },
  });
}
