import { expect, test } from "vitest";
import { sittingsOf } from "./sittings";

const at = (version: number, time: string) => ({ version, createdAt: `2026-01-01T${time}:00Z` });
const versions = (sittings: { version: number }[][]) =>
  sittings.map((sitting) => sitting.map(({ version }) => version));

test("versions without a long pause between them are one sitting, the newest first", () => {
  const trained = [at(1, "09:00"), at(2, "09:20"), at(3, "09:50"), at(4, "14:00"), at(5, "14:01")];

  expect(versions(sittingsOf(trained))).toEqual([
    [5, 4],
    [3, 2, 1],
  ]);
});

test("without versions there are no sittings", () => {
  expect(sittingsOf([])).toEqual([]);
});
