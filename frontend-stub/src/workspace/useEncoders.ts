import { useQuery } from "@tanstack/react-query";
import { fetchEncoders } from "../api/encoders";
import type { encoderFields } from "../screens/settings/encoderFields";
import { useFunction } from "./context";

const FRESH_MS = 60_000;

/** The encoders that the server knows. */
export function useEncoders() {
  const { fn } = useFunction<[typeof encoderFields]>();
  return useQuery({
    // A change that was compared has measured how long both of its encoders take.
    queryKey: ["encoders", fn.encoderChange?.comparison != null],
    queryFn: fetchEncoders,
    staleTime: FRESH_MS,
  });
}
