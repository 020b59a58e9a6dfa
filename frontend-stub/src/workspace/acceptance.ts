import { type AcceptedPart, type Wanted, acceptSome, takeBackSome } from "../api/acceptance";
import { Failure, passes } from "../api/failure";
import { backOff } from "../logic/backOff";

/** How often to repeat a request when the server asks for a pause. */
const ATTEMPTS = 4;

/** What was accepted; `failure` is why it ended early. */
export interface Accepted {
  count: number;
  /** By which it is taken back; null if nothing was accepted. */
  acceptedAt: string | null;
  failure: unknown;
}

/** Accept all answers that are sure enough, part by part, until `stop` is true. */
export async function acceptAll(
  wanted: Wanted,
  version: number,
  progress: (count: number) => void,
  stop: () => boolean,
): Promise<Accepted> {
  let count = 0;
  let acceptedAt: string | null = null;
  try {
    for (let more = true; more && !stop();) {
      const at: string | null = acceptedAt;
      const part: AcceptedPart = await patiently(() => acceptSome(wanted, version, at));
      acceptedAt = part.acceptedAt;
      count += part.acceptedCount;
      more = part.hasMore;
      progress(count);
    }
    return { count, acceptedAt, failure: null };
  } catch (failure) {
    return { count, acceptedAt, failure };
  }
}

/** Take an acceptance back, except for photos that a person has annotated since. */
export async function takeAllBack(functionId: string, acceptedAt: string): Promise<number> {
  let count = 0;
  for (let more = true; more;) {
    const part = await patiently(() => takeBackSome(functionId, acceptedAt));
    count += part.clearedCount;
    more = part.hasMore;
  }
  return count;
}

async function patiently<T>(request: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await request();
    } catch (failure) {
      const code = failure instanceof Failure ? failure.code : null;
      if (code === null || !passes(code) || attempt === ATTEMPTS) throw failure;
      await backOff(attempt + 1);
    }
  }
}
