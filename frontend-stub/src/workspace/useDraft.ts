import { useState } from "react";
import { useFunction } from "./context";

interface Draft<Value> {
  value: Value;
  /** Whether it differs from what is saved. */
  changed: boolean;
  change: (value: Value) => void;
  /** Forget it: it was saved, or is not wanted. */
  forget: () => void;
}

/** What somebody typed and has not saved; it is there again when they come back to the screen. */
export function useDraft<Value>(name: string, saved: Value): Draft<Value> {
  const { drafts } = useFunction().workspace;
  const [draft, setDraft] = useState(() => drafts.get(name) as Value | undefined);
  const value = draft ?? saved;
  return {
    value,
    changed: JSON.stringify(value) !== JSON.stringify(saved),
    change: (next) => {
      drafts.set(name, next);
      setDraft(next);
    },
    forget: () => {
      drafts.delete(name);
      setDraft(undefined);
    },
  };
}
