import { expect, test } from "vitest";
import { SampleStore } from "./sampleStore";
import { sampleOf } from "./testSamples";

const soup = { id: "soup", name: "Soups" };
const cake = { id: "cake", name: "Desserts" };

test("an annotation is shown at once, and its dispute too", () => {
  const store = new SampleStore();
  store.put([sampleOf("a", { crossValidated: { confidence: 0.9, label: cake } })]);

  store.annotate(["a"], soup);
  expect(store.sample("a")).toMatchObject({ annotation: { label: soup }, disputed: true });

  store.annotate(["a"], cake);
  expect(store.sample("a")).toMatchObject({ annotation: { label: cake }, disputed: false });

  store.annotate(["a"], null);
  expect(store.sample("a")).toMatchObject({ annotation: null, disputed: false });
});

test("a response that was under way does not replace an unsaved annotation", () => {
  const unsaved = new Set(["a"]);
  const store = new SampleStore((id) => unsaved.has(id));
  store.put([sampleOf("a"), sampleOf("b")]);
  store.annotate(["a", "b"], soup);

  store.put([sampleOf("a"), sampleOf("b")]);

  expect(store.sample("a")?.annotation).toEqual({
    label: soup,
    source: "PERSON",
    confirmed: false,
  });
  expect(store.sample("b")?.annotation).toBeNull();
});

test("a confirmed annotation is not disputed until its label changes", () => {
  const store = new SampleStore();
  store.put([sampleOf("a", { crossValidated: { confidence: 0.9, label: cake } })]);

  store.annotate(["a"], soup, true);
  store.annotate(["a"], soup);
  expect(store.sample("a")).toMatchObject({ annotation: { confirmed: true }, disputed: false });

  store.annotate(["a"], soup, false);
  expect(store.sample("a")).toMatchObject({ annotation: { confirmed: false }, disputed: true });

  store.annotate(["a"], cake, true);
  store.annotate(["a"], soup);
  expect(store.sample("a")).toMatchObject({ annotation: { confirmed: false }, disputed: true });
});

test("every change notifies", () => {
  const store = new SampleStore();
  let told = 0;
  store.watch(() => told++);

  store.put([sampleOf("a")]);
  store.hide(["a"]);
  expect(store.isHidden("a")).toBe(true);
  store.show(["a"]);

  expect(store.isHidden("a")).toBe(false);
  expect(told).toBe(3);
});
