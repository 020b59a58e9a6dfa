// @vitest-environment jsdom
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import * as backlog from "../api/backlog";
import { Failure } from "../api/failure";
import { createQueries } from "../api/queries";
import { WorkWarning } from "./WorkWarning";

vi.mock("../api/backlog");

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const show = () =>
  render(
    <QueryClientProvider client={createQueries()}>
      <WorkWarning />
    </QueryClientProvider>,
  );

test("work without a worker is reported until a worker does it", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  vi.mocked(backlog.fetchWarning).mockResolvedValueOnce("No worker has been seen for 40 s.");
  show();
  expect(
    await screen.findByText(
      "No worker has been seen for 40 s · what you do is saved, and learned from once a worker runs",
    ),
  ).toBeDefined();

  vi.mocked(backlog.fetchWarning).mockResolvedValueOnce(null);
  await vi.advanceTimersByTimeAsync(10_000);

  await vi.waitFor(() => expect(screen.queryByText(/No worker/)).toBeNull());
});

test("a caller without permission causes one request and sees no warning", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  vi.mocked(backlog.fetchWarning).mockClear();
  vi.mocked(backlog.fetchWarning).mockRejectedValue(
    new Failure("refused", "Scope ADMIN is required."),
  );
  const { container } = show();
  await vi.advanceTimersByTimeAsync(60_000);

  expect(backlog.fetchWarning).toHaveBeenCalledTimes(1);
  expect(container.textContent).toBe("");
});
