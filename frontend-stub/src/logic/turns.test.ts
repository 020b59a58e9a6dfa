import { expect, test } from "vitest";
import { Failure } from "../api/failure";
import { STOPPED, Turns } from "./turns";

const pause = (retryAfterS: number | null) =>
  new Failure("refused", "Slow down.", [], "RATE_LIMITED", retryAfterS);
const away = new Failure("unreachable", "The server does not answer.");

/** A task that fails with these errors, one at each attempt, before it succeeds. */
function failing(...errors: unknown[]): () => Promise<string> {
  return () => {
    const error = errors.shift() as Error | undefined;
    return error === undefined ? Promise.resolve("answered") : Promise.reject(error);
  };
}

test("no more than four tasks run at once, and all are run", async () => {
  const turns = new Turns();
  let running = 0;
  let most = 0;
  const task = async (): Promise<void> => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve));
    running--;
  };

  await Promise.all(Array.from({ length: 20 }, () => turns.run(task)));

  expect(most).toBe(4);
});

test("a pause that the server asks for lasts as long as it says, and holds the other tasks too", async () => {
  const waits: number[] = [];
  let end: () => void = () => undefined;
  const turns = new Turns({
    wait: (ms) => {
      waits.push(ms);
      return new Promise((resolve) => (end = resolve));
    },
  });
  const asked: string[] = [];

  const first = turns.run(failing(pause(7)));
  await expect.poll(turns.get).toBe("paused");
  const second = turns.run(() => Promise.resolve(asked.push("second")));
  await new Promise((resolve) => setTimeout(resolve));
  expect(asked).toEqual([]);
  end();

  expect(await first).toBe("answered");
  await second;
  expect(waits).toEqual([7000]);
  expect(turns.get()).toBe("running");
});

test("pauses are repeated as often as the server asks, but an absent server is tried four times", async () => {
  const waits: number[] = [];
  const turns = new Turns({
    wait: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
  });

  expect(await turns.run(failing(...Array.from({ length: 9 }, () => pause(null))))).toBe(
    "answered",
  );
  await expect(turns.run(failing(away, away, away, away))).rejects.toBe(away);

  expect(waits).toEqual([...Array.from({ length: 9 }, () => 1000), 1000, 2000, 4000]);
});

test("a refused task fails at once, with its own error", async () => {
  const turns = new Turns();
  const refused = new Failure("invalid", "It is no picture.");

  await expect(turns.run(failing(refused))).rejects.toBe(refused);
});

test("stopping ends the tasks that wait or pause, and completes those that run", async () => {
  const turns = new Turns({ atOnce: 1, wait: () => new Promise(() => undefined) });
  const pausing = turns.run(failing(pause(60)));
  const waiting = turns.run(failing());
  await expect.poll(turns.get).toBe("paused");

  turns.stop();

  await expect(pausing).rejects.toBe(STOPPED);
  await expect(waiting).rejects.toBe(STOPPED);
  expect(await turns.run(failing())).toBe("answered");
});
