import { expect, test, vi } from "vitest";
import type { GroupPage, PhotoGroup } from "../api/sampleGroups";
import { GroupDeck } from "./groupDeck";
import { SampleStore } from "./sampleStore";
import { sampleOf } from "./testSamples";

const soups = { id: "soups", name: "Soups" };

function groupOf(ids: string[], label: PhotoGroup["label"] = soups): PhotoGroup {
  return { label, purity: label && 0.9, ids };
}

/** A deck over pages of groups, which are read anew at each request. */
function deckOf(pages: () => PhotoGroup[][]) {
  const store = new SampleStore();
  const groups = vi.fn((after: string | null): Promise<GroupPage> => {
    const all = pages();
    const at = Number(after ?? 0);
    return Promise.resolve({
      groups: all[at] ?? [],
      next: at + 1 < all.length ? String(at + 1) : null,
    });
  });
  const samples = (ids: string[]) => Promise.resolve(ids.map((id) => sampleOf(id)));
  return { store, groups, deck: new GroupDeck(store, { groups, samples }) };
}

async function settled(deck: GroupDeck): Promise<void> {
  deck.refill();
  await vi.waitFor(() => expect(deck.get().loading).toBe(false));
}

function shown(deck: GroupDeck): string[][] {
  return deck
    .get()
    .groups.slice(deck.get().at)
    .map(({ ids }) => ids);
}

test("groups are read until three are ahead, with their photos", async () => {
  const { deck, store, groups } = deckOf(() => [
    [groupOf(["a", "b"])],
    [groupOf(["c"]), groupOf(["d"], null)],
    [groupOf(["e"])],
  ]);

  await settled(deck);

  expect(shown(deck)).toEqual([["a", "b"], ["c"], ["d"]]);
  expect(groups).toHaveBeenCalledTimes(2);
  expect(store.sample("d")?.id).toBe("d");
});

test("photos that are labelled, passed, or were taken out of a label are not offered again", async () => {
  const { deck, store } = deckOf(() => [[groupOf(["a", "b", "c"]), groupOf(["d", "e"])]]);
  await settled(deck);
  store.annotate(["a", "b"], soups);
  deck.advance(soups.id, ["c"]);
  deck.pass();
  expect(deck.get().at).toBe(2);

  deck.regroup();
  await settled(deck);
  expect(shown(deck)).toEqual([]);
  expect(deck.get().finished).toBe(true);
  expect(deck.hasPassed).toBe(true);

  deck.showPassed();
  await settled(deck);
  expect(shown(deck)).toEqual([["d", "e"]]);
});

test("a photo that was taken out is offered for another label, or for none", async () => {
  let label: PhotoGroup["label"] = soups;
  const { deck } = deckOf(() => [[groupOf(["a"], label)]]);
  await settled(deck);
  deck.advance(soups.id, ["a"]);

  label = { id: "desserts", name: "Desserts" };
  deck.regroup();
  await settled(deck);

  expect(shown(deck)).toEqual([["a"]]);
});

test("a new grouping leaves the shown group as it is", async () => {
  let turn = 0;
  const { deck } = deckOf(() =>
    turn++ === 0 ? [[groupOf(["a", "b"]), groupOf(["c", "d"])]] : [[groupOf(["b", "c"])]],
  );
  await settled(deck);

  deck.regroup();
  await settled(deck);

  expect(shown(deck)).toEqual([["a", "b"], ["c"]]);
});

test("undo returns to the group, and what is left of it are the photos without a label", async () => {
  const { deck, store } = deckOf(() => [[groupOf(["a", "b", "c"]), groupOf(["d"])]]);
  await settled(deck);
  const [first] = deck.get().groups;
  if (first === undefined) throw new Error("There is no group.");
  store.annotate(["a"], soups);
  deck.advance(soups.id, ["b", "c"]);

  deck.returnTo(first);

  expect(deck.get().at).toBe(0);
  expect(deck.left(first)).toEqual(["b", "c"]);
});
