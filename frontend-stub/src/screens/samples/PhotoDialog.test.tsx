// @vitest-environment jsdom
import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { retrySamples } from "../../api/sampleChanges";
import { fetchSampleDetails, refetchSamples } from "../../api/samples";
import { sampleOf } from "../../logic/testSamples";
import { renderIn } from "../../workspace/testFunction";
import { Workspace } from "../../workspace/Workspace";
import { PhotoDialog } from "./PhotoDialog";

vi.mock("../../api/sampleChanges");
vi.mock("../../api/samples", { spy: true });

beforeEach(() => {
  // jsdom has no modal dialogs.
  HTMLDialogElement.prototype.showModal = function showModal() {
    this.open = true;
  };
});

afterEach(cleanup);

test("a photo is shown with the name of its file", () => {
  const workspace = new Workspace("function");
  workspace.store.put([sampleOf("a", { fileName: "Soup <1>.jpg" })]);

  renderIn(
    { workspace },
    <PhotoDialog id="a" ids={["a"]} show={() => undefined} close={() => undefined} />,
  );

  expect(screen.getByText("Soup <1>.jpg").closest("p")?.textContent).toBe(
    "Soup <1>.jpg, 4 × 3 pixels",
  );
});

test("a photo is shown with its metadata and the key that annotated it", async () => {
  const workspace = new Workspace("function");
  workspace.store.put([sampleOf("a")]);
  vi.mocked(fetchSampleDetails).mockResolvedValue({
    metadata: [
      ["camera", "M3"],
      ["city", "Bern"],
    ],
    annotatedAt: "2026-01-01T12:00:00Z",
    annotatedBy: "Anna",
  });

  renderIn(
    { workspace },
    <PhotoDialog id="a" ids={["a"]} show={() => undefined} close={() => undefined} />,
  );

  const list = await screen.findByLabelText("Metadata");
  expect(list.textContent).toBe("cameraM3cityBern");
  expect(screen.getByText("Anna").closest("p")?.textContent).toMatch(
    /^Annotated with the key Anna, Jan 1, 2026/,
  );
});

test("an unreadable photo is shown with the reason, and can be retried", async () => {
  const workspace = new Workspace("function");
  workspace.store.put([sampleOf("a", { unreadable: "The file ends too early." })]);
  vi.mocked(refetchSamples).mockResolvedValue([sampleOf("a")]);
  renderIn(
    { workspace },
    <PhotoDialog id="a" ids={["a"]} show={() => undefined} close={() => undefined} />,
  );

  expect(
    screen.getByText("Nothing is learned from this photo. The file ends too early."),
  ).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));

  expect(retrySamples).toHaveBeenCalledExactlyOnceWith(["a"]);
  expect(screen.queryByText(/Nothing is learned/)).toBeNull();
});

test("“=” asks for more photos like the one shown, after the dialog has closed", async () => {
  const workspace = new Workspace("function");
  workspace.store.put([sampleOf("a")]);
  const calls: string[] = [];
  const props = { ids: ["a"], show: () => undefined, close: () => calls.push("close") };
  const moreLike = (id: string) => calls.push(`like ${id}`);
  renderIn({ workspace }, <PhotoDialog id="a" {...props} moreLike={moreLike} />);

  await userEvent.keyboard("=");

  expect(calls).toEqual(["close", "like a"]);
});

test("without a list to search, all photos of the function are searched", async () => {
  const workspace = new Workspace("function");
  workspace.store.put([sampleOf("a")]);
  renderIn(
    { workspace },
    <PhotoDialog id="a" ids={["a"]} show={() => undefined} close={() => undefined} />,
  );

  await userEvent.click(screen.getByRole("button", { name: "More like this" }));

  expect(window.location.hash).toBe("#/functions/function/samples?like=a");
});

test("nothing can be compared with a photo that cannot be read", async () => {
  const workspace = new Workspace("function");
  workspace.store.put([sampleOf("a", { unreadable: "The file ends too early." })]);
  const moreLike = vi.fn();
  const props = { ids: ["a"], show: () => undefined, close: () => undefined, moreLike };
  renderIn({ workspace }, <PhotoDialog id="a" {...props} />);

  await userEvent.keyboard("=");

  expect(screen.getByRole("button", { name: "More like this" })).toHaveProperty("disabled", true);
  expect(moreLike).not.toHaveBeenCalled();
});

test("an accepted answer says so, until a person confirms it", async () => {
  const soup = { id: "Soups", name: "Soups" };
  const workspace = new Workspace("function");
  workspace.store.put([
    sampleOf("a", { annotation: { label: soup, source: "ACCEPTED", confirmed: false } }),
  ]);
  const props = { ids: ["a"], show: () => undefined, close: () => undefined };
  renderIn({ workspace }, <PhotoDialog id="a" {...props} />);
  const annotate = vi.spyOn(workspace, "annotate");

  expect(screen.getByText(/was accepted from the model/)).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Confirm Soups" }));

  expect(annotate).toHaveBeenCalledExactlyOnceWith(["a"], soup);
  expect(workspace.store.sample("a")?.annotation).toEqual({
    label: soup,
    source: "PERSON",
    confirmed: false,
  });
  expect(screen.queryByText(/was accepted from the model/)).toBeNull();
});
