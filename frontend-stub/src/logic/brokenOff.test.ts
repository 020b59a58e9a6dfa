import { expect, test } from "vitest";
import { UploadMemory } from "./brokenOff";

class Place {
  readonly kept = new Map<string, string>();
  readonly getItem = (key: string): string | null => this.kept.get(key) ?? null;
  readonly setItem = (key: string, value: string): void => void this.kept.set(key, value);
  readonly removeItem = (key: string): void => void this.kept.delete(key);
}

test("an upload whose tab was left is told of, for its own function only", () => {
  const place = new Place();
  new UploadMemory(place, "dishes").keep({ done: 120, total: 400 }, true);

  expect(new UploadMemory(place, "dishes").read()).toEqual({ done: 120, total: 400 });
  expect(new UploadMemory(place, "shoes").read()).toBeNull();
});

test("an upload that goes on in another tab is not told of, until it has been silent for minutes", () => {
  const place = new Place();
  let now = 1_000_000;
  const memory = new UploadMemory(place, "dishes", () => now);
  memory.keep({ done: 8, total: 400 });

  now += 180_000;
  expect(memory.read()).toBeNull();
  now += 1;
  expect(memory.read()).toEqual({ done: 8, total: 400 });
  memory.keep({ done: 16, total: 400 });
  expect(memory.read()).toBeNull();
});

test("an upload that was forgotten is not told of", () => {
  const place = new Place();
  const memory = new UploadMemory(place, "dishes");
  memory.keep({ done: 8, total: 400 }, true);

  memory.forget();

  expect(memory.read()).toBeNull();
  expect(place.kept.size).toBe(0);
});

test("without storage, and with something else in its place, nothing is told of", () => {
  const fail = (): never => {
    throw new DOMException("no storage", "SecurityError");
  };
  const refused = new UploadMemory({ getItem: fail, setItem: fail, removeItem: fail }, "dishes");
  refused.keep({ done: 1, total: 2 });
  refused.forget();
  expect(refused.read()).toBeNull();

  const place = new Place();
  place.setItem("pigeonhole-upload-dishes", "{");
  expect(new UploadMemory(place, "dishes").read()).toBeNull();
});
