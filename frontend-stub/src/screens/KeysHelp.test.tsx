// @vitest-environment jsdom
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test } from "vitest";
import { KeysHelp } from "./KeysHelp";

beforeEach(() => {
  // jsdom has no modal dialogs.
  HTMLDialogElement.prototype.showModal = function showModal() {
    this.open = true;
  };
});

afterEach(cleanup);

test("the list of keys opens by “?” and closes by its button", async () => {
  render(<KeysHelp screen="annotate" />);
  expect(screen.queryByRole("dialog")).toBeNull();

  await userEvent.keyboard("?");
  expect(screen.getByRole("region", { name: "One by one" }).textContent).toContain("SpaceSkip it");
  await userEvent.click(screen.getByRole("button", { name: "Close" }));

  expect(screen.queryByRole("dialog")).toBeNull();
});

test("a screen without keys has no list of them", async () => {
  const { container } = render(<KeysHelp screen="settings" />);
  await userEvent.keyboard("?");

  expect(container.textContent).toBe("");
});
