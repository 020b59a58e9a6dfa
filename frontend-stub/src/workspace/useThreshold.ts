import { useQuery } from "@tanstack/react-query";
import { type Threshold, fetchThreshold } from "../api/models";
import { useFunction } from "./context";

/** The threshold of the active version for a limit on wrong predictions; undefined while loading. */
export function useThreshold(maxErrorRate: number): Threshold | null | undefined {
  const { fn } = useFunction();
  const version = fn.model?.version;
  // A new version needs another confidence for the same limit.
  const { data } = useQuery({
    queryKey: ["threshold", fn.id, maxErrorRate, version],
    queryFn: () => fetchThreshold(fn.id, maxErrorRate),
    enabled: version !== undefined,
  });
  return data;
}
