// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SearchField } from "./SearchField";

const asked = vi.fn<(text: string) => void>();

function Searched({ start = "" }: { start?: string }) {
  const [value, setValue] = useState(start);
  const search = (text: string): void => {
    asked(text);
    setValue(text);
  };
  return <SearchField name="Words" maxLength={200} value={value} search={search} />;
}

beforeEach(() => {
  vi.useFakeTimers();
  asked.mockReset();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const box = (): HTMLInputElement => screen.getByRole("searchbox", { name: "Words" });
const type = (value: string): unknown => fireEvent.change(box(), { target: { value } });

test("what is typed is searched for once, after a pause", async () => {
  render(<Searched />);

  type("s");
  await vi.advanceTimersByTimeAsync(200);
  type("st");
  await vi.advanceTimersByTimeAsync(249);
  expect(asked).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);

  expect(asked).toHaveBeenCalledExactlyOnceWith("st");
  expect(box().value).toBe("st");
});

test("Enter searches at once, and Escape ends what is searched for", async () => {
  render(<Searched />);

  type("striped");
  fireEvent.keyDown(box(), { key: "Enter" });
  expect(asked.mock.calls).toEqual([["striped"]]);
  type("striped shirt");
  fireEvent.keyDown(box(), { key: "Escape" });
  await vi.advanceTimersByTimeAsync(1_000);

  expect(asked.mock.calls).toEqual([["striped"], [""]]);
  expect(box().value).toBe("");
});

test("its button empties the box and leaves the focus there", () => {
  render(<Searched start="striped" />);

  fireEvent.click(screen.getByRole("button", { name: "Clear: Words" }));

  expect(asked).toHaveBeenCalledExactlyOnceWith("");
  expect(document.activeElement).toBe(box());
  expect(screen.queryByRole("button")).toBeNull();
});

test("what is typed and taken back is not searched for", async () => {
  render(<Searched start="striped" />);

  type("stripe");
  type("striped");
  await vi.advanceTimersByTimeAsync(1_000);

  expect(asked).not.toHaveBeenCalled();
});
