// @vitest-environment jsdom
import { cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { acceptSome, fetchAcceptable, takeBackSome } from "../../api/acceptance";
import { Failure } from "../../api/failure";
import { notices } from "../../parts/notices";
import { functionOf, modelOf, renderIn } from "../../workspace/testFunction";
import { AcceptDialog } from "./AcceptDialog";

vi.mock("../../api/acceptance");

const at = "2026-01-01T00:00:00.000Z";
const fn = functionOf({ model: modelOf() });
const filter = { annotated: false };

beforeEach(() => {
  // jsdom has no modal dialogs.
  HTMLDialogElement.prototype.showModal = function showModal() {
    this.open = true;
  };
  vi.mocked(fetchAcceptable).mockImplementation(({ minConfidence }) =>
    Promise.resolve({
      count: minConfidence === 0.99 ? 0 : 700,
      expectedErrors: minConfidence === 0.99 ? 0 : 14.2,
      version: 3,
      errorRate: null,
    }),
  );
});
afterEach(() => {
  cleanup();
  vi.clearAllMocks();
  for (const { id } of notices.get()) notices.dismiss(id);
});

function part(acceptedCount: number, hasMore: boolean) {
  return { acceptedCount, hasMore, acceptedAt: at, errors: [] };
}

function open() {
  const calls: string[] = [];
  const props = { reload: () => calls.push("reload"), close: () => calls.push("close") };
  const { workspace } = renderIn({ fn }, <AcceptDialog filter={filter} {...props} />);
  return { calls, workspace };
}

test("it says how many photos and errors, accepts part by part, and undo takes all back", async () => {
  const user = userEvent.setup();
  const { calls, workspace } = open();
  await screen.findByText(/^700 photos get .* About 14 of them are wrong\.$/);
  vi.mocked(acceptSome).mockResolvedValueOnce(part(500, true));
  vi.mocked(acceptSome).mockResolvedValueOnce(part(200, false));

  await user.click(screen.getByRole("button", { name: "Accept 700 answers" }));
  await waitFor(() => expect(calls).toEqual(["reload", "close"]));

  const wanted = { functionId: "function", minConfidence: 0.95, filter };
  expect(vi.mocked(acceptSome).mock.calls).toEqual([
    [wanted, 3, null],
    [wanted, 3, at],
  ]);
  expect(notices.get().map(({ text }) => text)).toEqual(["700 answers accepted."]);

  vi.mocked(takeBackSome).mockResolvedValueOnce({ clearedCount: 500, hasMore: true, errors: [] });
  vi.mocked(takeBackSome).mockResolvedValueOnce({ clearedCount: 200, hasMore: false, errors: [] });
  workspace.undo();
  await waitFor(() => expect(calls).toEqual(["reload", "close", "reload"]));

  expect(vi.mocked(takeBackSome).mock.calls).toEqual([
    ["function", at],
    ["function", at],
  ]);
});

test("nothing is accepted while no answer is sure enough", async () => {
  const user = userEvent.setup();
  open();
  await screen.findByText(/^700 photos/);

  await user.selectOptions(screen.getByLabelText("The model is at least this sure"), "99 %");

  await screen.findByText("The model is not that sure of any of these photos.");
  const button = screen.getByRole("button", { name: "Accept" });
  expect(button).toHaveProperty("disabled", true);
});

test("Stop ends it after the part that is under way, and that can be undone", async () => {
  const user = userEvent.setup();
  const { calls } = open();
  await screen.findByText(/^700 photos/);
  let answer: (value: ReturnType<typeof part>) => void = () => undefined;
  vi.mocked(acceptSome).mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));

  await user.click(screen.getByRole("button", { name: "Accept 700 answers" }));
  await user.click(screen.getByRole("button", { name: "Stop" }));
  expect(calls).toEqual([]);
  answer(part(500, true));
  await waitFor(() => expect(calls).toEqual(["reload", "close"]));

  expect(acceptSome).toHaveBeenCalledTimes(1);
  expect(notices.get()).toMatchObject([
    { text: "500 answers accepted.", action: { name: "Undo" } },
  ]);
});

test("what was accepted before a failure can be undone", async () => {
  const user = userEvent.setup();
  const { calls } = open();
  await screen.findByText(/^700 photos/);
  vi.mocked(acceptSome).mockResolvedValueOnce(part(500, true));
  vi.mocked(acceptSome).mockRejectedValueOnce(new Failure("refused", "Another model is active."));

  await user.click(screen.getByRole("button", { name: "Accept 700 answers" }));
  await waitFor(() => expect(calls).toEqual(["reload", "close"]));

  expect(notices.get().map(({ text, bad }) => [text, bad])).toEqual([
    ["500 answers accepted.", false],
    ["Another model is active.", true],
  ]);
});
