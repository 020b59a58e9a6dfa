import { useCallback, useEffect, useState } from "react";

export interface Loaded<Value> {
  /** The newest value, kept on show while it loads again. */
  value: Value | undefined;
  failure: unknown;
  reload: () => void;
}

/** Load something when a screen opens, and again whenever `load` changes; wrap it in `useCallback`. */
export function useLoaded<Value>(load: () => Promise<Value>): Loaded<Value> {
  const [value, setValue] = useState<Value>();
  const [failure, setFailure] = useState<unknown>();
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    let stale = false;
    load().then(
      (loaded) => {
        if (stale) return;
        setValue(loaded);
        setFailure(undefined);
      },
      (error: unknown) => {
        if (!stale) setFailure(error);
      },
    );
    return () => {
      stale = true;
    };
  }, [load, turn]);

  return { value, failure, reload: useCallback(() => setTurn((before) => before + 1), []) };
}
