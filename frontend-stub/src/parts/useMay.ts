import { useQuery } from "@tanstack/react-query";
import { type Scope, fetchScopes } from "../api/viewer";

/** Whether the caller's key has a scope; false until the server has said so. */
export function useMay(scope: Scope): boolean {
  const { data: scopes } = useQuery({ queryKey: ["scopes"], queryFn: fetchScopes });
  return scopes?.includes(scope) ?? false;
}
