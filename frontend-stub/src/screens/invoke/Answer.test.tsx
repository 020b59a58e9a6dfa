// @vitest-environment jsdom
import { cleanup, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import type { Invocation } from "../../api/invocations";
import { renderIn } from "../../workspace/testFunction";
import { Answer } from "./Answer";

afterEach(cleanup);

function invocationOf(name: string): Invocation {
  const label = { id: name, name };
  return {
    id: "invocation",
    modelTime: 12,
    prediction: {
      label,
      confidence: 0.8,
      ranking: [{ label, confidence: 0.8 }],
      decision: "REVIEW",
      evidence: [],
      model: { id: "model", version: 3 },
    },
  };
}

function show(invocation: Invocation): void {
  const file = new File([], "photo.jpg");
  const preview = "blob:photo";
  const asked = {
    key: 1,
    name: file.name,
    file,
    preview,
    thumbnail: "",
    invocation,
    failure: null,
    said: null,
  };
  renderIn({}, <Answer asked={asked} again={() => undefined} />);
}

test("a prediction with a deleted label says so, and cannot be marked right", () => {
  show(invocationOf("Salads"));

  expect(screen.getByText("This label has been deleted since it answered.")).toBeDefined();
  expect(screen.queryByRole("button", { name: "This is right" })).toBeNull();
});

test("a prediction with an existing label can be marked right", () => {
  show(invocationOf("Soups"));

  expect(screen.queryByText(/deleted/)).toBeNull();
  expect(screen.getByRole("button", { name: "This is right" })).toBeDefined();
});

test("evidence with a disputed annotation is marked", () => {
  const invocation = invocationOf("Soups");
  const behind = (id: string, disputed: boolean) => ({
    similarity: 0.9,
    disputed,
    sample: {
      id,
      image: { thumbnail: "/photo" },
      annotation: { label: invocation.prediction.label },
    },
  });
  invocation.prediction.evidence = [behind("a", false), behind("b", true)];
  show(invocation);

  expect(screen.getAllByText("Disputed")).toHaveLength(1);
  expect(screen.getAllByRole("img", { name: /^Soups, \d+ % alike, disputed$/ })).toHaveLength(1);
});
