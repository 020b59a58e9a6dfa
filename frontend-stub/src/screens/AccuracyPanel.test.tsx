// @vitest-environment jsdom
import { cleanup, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fetchEncoders } from "../api/encoders";
import { functionOf, labelOf, modelOf, renderIn, runOf } from "../workspace/testFunction";
import { AccuracyPanel } from "./AccuracyPanel";

vi.mock("../api/encoders");

const good = { value: 0.9, lower: 0.7, upper: 0.97, count: 18, sampleCount: 24 };

beforeEach(() => {
  vi.mocked(fetchEncoders).mockResolvedValue([]);
  vi.stubGlobal("matchMedia", () => ({
    matches: false,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("the figure is shown with the number of labels and photos that it covers", () => {
  const model = modelOf({
    accuracy: good,
    taughtLabelCount: 3,
    labelCount: 5,
    unlabelledSampleCount: 412,
  });
  renderIn({ fn: functionOf({ model }) }, <AccuracyPanel />);

  expect(screen.getByText("for 3 of 5 labels")).toBeDefined();
  const basis = screen.getByText("70 to 97 %, on 24 photos held out of training");
  expect(basis.title).toBe("measured on 24 photos, which count as 18 independent ones");
  expect(screen.getByText("It also learned from 412 photos without a label")).toBeDefined();
});

test("a label without photos is not taught yet, one with few is too early to tell", () => {
  const metrics = { support: 0, recall: null };
  const few = { value: 0, lower: 0, upper: 0.8, count: 1, sampleCount: 1 };
  const labels = [
    labelOf("Hats", { metrics }),
    labelOf("New"),
    labelOf("Shoes", { metrics: { support: 1, recall: few } }),
  ];
  renderIn({ fn: functionOf({ labels, model: modelOf() }) }, <AccuracyPanel />);

  expect(screen.getAllByRole("listitem").map(({ textContent }) => textContent)).toEqual([
    "Hatsnot taught yet",
    "Newnot taught yet",
    "Shoestoo early to tell",
  ]);
});

test("a waiting run shows what it waits for", () => {
  renderIn({ run: runOf({ waitingFor: "the database" }) }, <AccuracyPanel />);

  expect(
    screen.getByText(
      "Training on 10 photos: waiting for the database, it goes on by itself when that is back",
    ),
  ).toBeDefined();
});

test("a better encoder on the server is offered beside the accuracy", async () => {
  const bundled = { licence: "", megabytes: 0, note: "", milliseconds: null, isHere: true };
  vi.mocked(fetchEncoders).mockResolvedValue([
    { ...bundled, name: "ViT-B-16-SigLIP2-256/webli", accuracy: 0.791 },
    { ...bundled, name: "bundled", accuracy: null },
  ]);
  renderIn({}, <AccuracyPanel />);

  const link = await screen.findByRole("link", { name: "try it on this function" });
  expect(link.getAttribute("href")).toBe("#/functions/function/settings");
  expect(link.parentElement?.textContent).toBe("SigLIP 2 is available: try it on this function");
});
