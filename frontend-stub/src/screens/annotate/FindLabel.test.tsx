// @vitest-environment jsdom
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { FindLabel } from "./FindLabel";

const labels = ["Green soup", "Greens", "Soup", "Soup cold"].map((name, index) => ({
  id: String(index),
  name,
}));

afterEach(cleanup);

test("names that start with the text come first, and Enter takes the first", async () => {
  const pick = vi.fn();
  render(<FindLabel ref={null} labels={labels} pick={pick} />);

  await userEvent.type(screen.getByRole("searchbox"), "soup");
  expect(screen.getAllByRole("button").map((button) => button.textContent)).toEqual([
    "Soup",
    "Soup cold",
    "Green soup",
  ]);
  await userEvent.keyboard("{Enter}");

  expect(pick).toHaveBeenCalledExactlyOnceWith(2);
  expect(screen.queryAllByRole("button")).toEqual([]);
});

test("Enter picks nothing if nothing matches", async () => {
  const pick = vi.fn();
  render(<FindLabel ref={null} labels={labels} pick={pick} />);

  await userEvent.type(screen.getByRole("searchbox"), "cake{Enter}");

  expect(pick).not.toHaveBeenCalled();
});
