// @vitest-environment jsdom
import { cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import * as api from "../../api/encoders";
import { functionOf, renderIn } from "../../workspace/testFunction";
import { EncoderCard } from "./EncoderCard";

vi.mock("../../api/encoders");

const CLIP = "ViT-B-32-256/datacomp_s34b_b86k";
const bundled: api.Encoder = {
  name: "bundled",
  licence: "Apache-2.0",
  megabytes: 0,
  accuracy: null,
  note: "Part of the installation.",
  milliseconds: 9.44,
  isHere: true,
};
const clip = { ...bundled, name: CLIP, licence: "MIT", megabytes: 605, accuracy: 0.728 };
const comparison: api.Comparison = {
  sampleCount: 120,
  accuracyBefore: 0.8,
  accuracyAfter: 0.7,
  logLossBefore: 0.5,
  logLossAfter: 0.7,
  gainedCount: 0,
  lostCount: 12,
  gainedSampleIds: [],
  lostSampleIds: ["sm_1"],
  worse: true,
  millisecondsBefore: 9.44,
  millisecondsAfter: 40.3,
};
const change: api.EncoderChange = {
  encoder: CLIP,
  encoderBefore: "bundled",
  state: "EMBEDDING",
  switchesByItself: true,
  canGoBack: false,
  embeddedCount: 30,
  finishedAt: null,
  comparison: null,
};
const sampleCounts = { total: 120, annotated: 120, unannotated: 0, embedded: 120 };

beforeEach(() => {
  vi.mocked(api.fetchEncoders).mockResolvedValue([clip, bundled]);
  // jsdom has no modal dialogs.
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
});

afterEach(() => {
  cleanup();
  vi.clearAllMocks();
});

test("a better encoder on the server is offered, and tried as a person says", async () => {
  vi.mocked(api.changeEncoder).mockResolvedValue();
  renderIn({ fn: functionOf({ sampleCounts }) }, <EncoderCard />);

  expect(await screen.findByText("CLIP is available: try it on this function.")).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Try it" }));
  expect(screen.getByRole("dialog", { name: "Try CLIP ViT-B-32-256 on Dishes?" })).toBeDefined();
  expect(screen.getByText(/^120 photos are read again in the background/)).toBeDefined();
  await userEvent.click(screen.getByLabelText("Show me how they compare, and let me decide"));
  await userEvent.click(screen.getByRole("button", { name: "Start" }));

  expect(api.changeEncoder).toHaveBeenCalledExactlyOnceWith("function", CLIP, false);
  await vi.waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

test("an encoder that the server lacks says how it gets there, and cannot be tried", async () => {
  vi.mocked(api.fetchEncoders).mockResolvedValue([{ ...clip, isHere: false }, bundled]);
  renderIn({ fn: functionOf({ encoderWarning: "It is a small one." }) }, <EncoderCard />);

  expect(await screen.findByText(`pigeonhole encoder fetch ${CLIP}`)).toBeDefined();
  expect(screen.getByText("It is a small one.")).toBeDefined();
  expect(screen.getByText("9.4 ms for a photo here · Part of the installation")).toBeDefined();
  expect(screen.queryByRole("button", { name: /^Try it/ })).toBeNull();
});

test("a change under way shows how far it is, and can be stopped", async () => {
  vi.mocked(api.stopEncoderChange).mockResolvedValue();
  renderIn({ fn: functionOf({ sampleCounts, encoderChange: change }) }, <EncoderCard />);

  const bar = screen.getByRole("progressbar", { name: "Photos read by CLIP ViT-B-32-256" });
  expect(bar.getAttribute("aria-valuenow")).toBe("25");
  expect(screen.getByText("30 of 120 photos read")).toBeDefined();
  expect(screen.queryByText(/is available/)).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Stop" }));
  expect(api.stopEncoderChange).toHaveBeenCalledExactlyOnceWith("function");
});

test("a new version that does worse waits, with what it changes, for a person to decide", async () => {
  vi.mocked(api.switchEncoder).mockResolvedValue();
  const waiting = { ...change, state: "WAITING" as const, comparison };
  renderIn({ fn: functionOf({ sampleCounts, encoderChange: waiting }) }, <EncoderCard />);

  const group = within(screen.getByRole("group", { name: "Change to CLIP ViT-B-32-256" }));
  expect(group.getByRole("status").textContent).toBe(
    "CLIP ViT-B-32-256 is ready. The new encoder does worse on your photos.",
  );
  expect(screen.getByRole("row", { name: "Right answers 80.0 % 70.0 %" })).toBeDefined();
  expect(screen.getByRole("button", { name: "Keep the bundled encoder" })).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Switch nevertheless" }));
  expect(api.switchEncoder).toHaveBeenCalledExactlyOnceWith("function");
});

test("after a switch a person can go back, until the vectors are gone", async () => {
  vi.mocked(api.goBackToEncoder).mockResolvedValue();
  const switched = { ...change, state: "SWITCHED" as const, comparison, canGoBack: true };
  renderIn({ fn: functionOf({ encoder: CLIP, encoderChange: switched }) }, <EncoderCard />);

  await userEvent.click(screen.getByRole("button", { name: "Go back to the bundled encoder" }));
  expect(api.goBackToEncoder).toHaveBeenCalledExactlyOnceWith("function");

  cleanup();
  const late = { ...switched, canGoBack: false };
  renderIn({ fn: functionOf({ encoder: CLIP, encoderChange: late }) }, <EncoderCard />);
  expect(screen.queryByRole("button", { name: /^Go back/ })).toBeNull();
});
