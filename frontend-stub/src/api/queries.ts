import { QueryClient, keepPreviousData } from "@tanstack/react-query";

/**
 * The cache of the page's queries. Nothing is retried automatically: a failed request is reported,
 * and the earlier data stays visible meanwhile.
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
