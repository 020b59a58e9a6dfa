import { useQuery } from "@tanstack/react-query";
import { type Threshold, fetchThreshold } from "../api/models";
import { useFunction } from "./context";

/** What a limit for wrong answers asks of the version in use; undefined while it is fetched. */
export function useThreshold(maxErrorRate: number): Threshold | null | undefined {
  const { fn } = useFunction();
  const version = fn.model?.version;
  // A new version keeps the limit at another confidence.
  const { data } = useQuery({
    queryKey: ["threshold", fn.id, maxErrorRate, version],
    queryFn: () => fetchThreshold(fn.id, maxErrorRate),
    enabled: version !== undefined,
  });
  return data;
}
