import { useState } from "react";

export interface Task<Input> {
  run: (input: Input) => void;
  busy: boolean;
  failure: unknown;
}

/** Something a person starts: one at a time, with what went wrong kept until the next try. */
export function useTask<Input, Value>(
  work: (input: Input) => Promise<Value>,
  then?: (value: Value) => void,
): Task<Input> {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();

  async function run(input: Input): Promise<void> {
    setBusy(true);
    setFailure(undefined);
    try {
      const value = await work(input);
      then?.(value);
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  }

  return { run: (input) => void (busy || run(input)), busy, failure };
}
