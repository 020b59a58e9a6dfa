import { expect, test, vi } from "vitest";
import { Deck } from "./deck";
import { SampleStore } from "./sampleStore";
import { pagesOf } from "./testSamples";

async function settled(deck: Deck): Promise<void> {
  await vi.waitFor(() => expect(deck.get().loading).toBe(false));
}

test("photos come up in order, with more fetched before they run out", async () => {
  const fetchPage = vi.fn(pagesOf(100, 50));
  const deck = new Deck(new SampleStore(), fetchPage);
  deck.refill();
  await settled(deck);
  expect(deck.get().cards).toHaveLength(50);

  deck.advance(30);
  await settled(deck);

  expect(deck.get()).toMatchObject({ at: 30, finished: true });
  expect(deck.get().cards).toHaveLength(100);
});

test("annotated photos drop out of the results, and skipped ones are not shown again", async () => {
  const annotated = new Set<string>();
  const deck = new Deck(
    new SampleStore(),
    pagesOf(60, 40, (id) => !annotated.has(id)),
  );
  deck.refill();
  await settled(deck);
  annotated.add("s0").add("s1");

  deck.advance(20);
  await settled(deck);

  expect(deck.get().cards).toHaveLength(60);
  expect(new Set(deck.get().cards).size).toBe(60);
});

test("a step back shows the last photo again, and never runs off either end", async () => {
  const deck = new Deck(new SampleStore(), pagesOf(3, 50));
  deck.refill();
  await settled(deck);

  deck.advance();
  deck.back();
  deck.back();
  expect(deck.get().at).toBe(0);
  deck.advance(10);
  expect(deck.get().at).toBe(3);
  deck.returnTo("s1");
  expect(deck.get().at).toBe(1);
});

test("a new order does not move photos that are already rendered", async () => {
  const deck = new Deck(new SampleStore(), pagesOf(40, 50));
  deck.refill();
  await settled(deck);
  const turned = async (after: string | null) => {
    const page = await pagesOf(40, 50)(after);
    return { ...page, samples: page.samples.reverse() };
  };

  deck.reorder(2, turned);
  await settled(deck);

  expect(deck.get().cards.slice(0, 4)).toEqual(["s0", "s1", "s39", "s38"]);
  expect(deck.get().cards).toHaveLength(40);
});
