// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from "vitest";
import { saveAnnotations } from "../api/sampleChanges";
import { Failure } from "../api/failure";
import { deleteSamples, restoreSamples } from "../api/trash";
import { sampleOf } from "../logic/testSamples";
import { notices } from "../parts/notices";
import { Workspace } from "./Workspace";

vi.mock("../api/sampleChanges");
vi.mock("../api/trash");

const soup = { id: "soup", name: "Soups" };
const cake = { id: "cake", name: "Desserts" };
const annotated = (label: typeof soup) => ({ label, source: "PERSON" as const, confirmed: false });

beforeEach(() => {
  vi.mocked(saveAnnotations).mockReset();
  vi.mocked(saveAnnotations).mockResolvedValue([]);
  vi.mocked(restoreSamples).mockReset();
  for (const { id } of notices.get()) notices.dismiss(id);
});

/** The requested change of a sample: its label, and the expected one. */
function sent(): unknown[] {
  return vi.mocked(saveAnnotations).mock.calls.map(([[said]]) => [said?.labelId, said?.expectedId]);
}

test("a write contains the expected label, and the next one expects the label that was saved", async () => {
  const workspace = new Workspace("function");
  workspace.store.put([sampleOf("a")]);

  workspace.annotate(["a"], soup);
  await workspace.annotations.flushed();
  workspace.annotate(["a"], cake);
  await workspace.annotations.flushed();

  expect(sent()).toEqual([
    ["soup", null],
    ["cake", "soup"],
  ]);
});

test("somebody else's label is shown and not overwritten, and undo leaves it", async () => {
  const workspace = new Workspace("function");
  workspace.store.put([sampleOf("a")]);
  vi.mocked(saveAnnotations).mockResolvedValueOnce([{ id: "a", annotation: annotated(cake) }]);

  workspace.annotate(["a"], soup);
  await workspace.annotations.flushed();
  workspace.undo();
  await workspace.annotations.flushed();

  expect(workspace.store.sample("a")?.annotation).toEqual(annotated(cake));
  expect(notices.get().map(({ text }) => text)).toEqual([
    "Somebody else has annotated 1 photo as Desserts meanwhile. That stays, and yours is not saved: look again, and change it if it is wrong.",
  ]);
  expect(sent()).toEqual([["soup", null]]);
});

test("undo clears an accepted answer, which would be learned from if a person gave it", async () => {
  const workspace = new Workspace("function");
  const accepted = { label: cake, source: "ACCEPTED" as const, confirmed: false };
  workspace.store.put([sampleOf("a", { annotation: accepted })]);

  workspace.annotate(["a"], soup);
  await workspace.annotations.flushed();
  workspace.undo();
  await workspace.annotations.flushed();

  expect(sent()).toEqual([
    ["soup", "cake"],
    [null, "soup"],
  ]);
});

test("undo restores the label that somebody else gave first", async () => {
  const workspace = new Workspace("function");
  workspace.store.put([sampleOf("a", { annotation: annotated(cake) })]);

  workspace.annotate(["a"], soup);
  await workspace.annotations.flushed();
  workspace.undo();
  await workspace.annotations.flushed();

  expect(sent()).toEqual([
    ["soup", "cake"],
    ["cake", "soup"],
  ]);
});

test("a label that this page saved and read too early is no conflict", async () => {
  const workspace = new Workspace("function");
  workspace.store.put([sampleOf("a")]);
  workspace.annotate(["a"], soup);
  await workspace.annotations.flushed();
  workspace.store.put([sampleOf("a")]); // a response from before it was saved
  vi.mocked(saveAnnotations).mockResolvedValueOnce([{ id: "a", annotation: annotated(soup) }]);

  workspace.annotate(["a"], cake);
  await workspace.annotations.flushed();

  expect(sent()).toEqual([
    ["soup", null],
    ["cake", null],
    ["cake", "soup"],
  ]);
  expect(notices.get()).toEqual([]);
});

test("undo of a deletion explains that a server without a trash keeps no photos", async () => {
  const workspace = new Workspace("function");
  workspace.store.put([sampleOf("a")]);
  vi.mocked(deleteSamples).mockResolvedValueOnce([]);

  workspace.remove(["a"]);
  workspace.undo();

  await expect
    .poll(() => notices.get().map(({ text }) => text))
    .toEqual(["The photos cannot be restored: this server deletes photos for good."]);
  expect(restoreSamples).not.toHaveBeenCalled();
  expect(workspace.store.isHidden("a")).toBe(true);
});

test("undo of a failed deletion shows only the reason of the failure", async () => {
  const workspace = new Workspace("function");
  workspace.store.put([sampleOf("a")]);
  vi.mocked(deleteSamples).mockRejectedValueOnce(new Failure("refused", "The disk is full."));

  workspace.remove(["a"]);
  workspace.undo();

  await expect.poll(() => workspace.store.isHidden("a")).toBe(false);
  expect(notices.get().map(({ text }) => text)).toEqual(["The disk is full."]);
  expect(restoreSamples).not.toHaveBeenCalled();
});
