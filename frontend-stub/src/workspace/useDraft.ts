import { useState } from "react";
import { useFunction } from "./context";

interface Draft<Value> {
  value: Value;
  /** Whether it differs from the saved text. */
  changed: boolean;
  change: (value: Value) => void;
  /** Discard it, because it was saved or is not wanted. */
  forget: () => void;
}

/** Unsaved text, which is still there when somebody returns to the screen. */
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
