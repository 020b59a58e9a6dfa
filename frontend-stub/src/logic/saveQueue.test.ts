import { expect, test, vi } from "vitest";
import { Failure } from "../api/failure";
import { SaveQueue } from "./saveQueue";

interface Said {
  sampleId: string;
  labelId: string | null;
}

function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

const soup = (sampleId: string): Said => ({ sampleId, labelId: "soup" });

test("annotations made during a request form one next request", async () => {
  const sent: Said[][] = [];
  const first = gate();
  const queue = new SaveQueue<Said>({
    save: async (said) => {
      sent.push(said);
      if (sent.length === 1) await first.opened;
    },
    refused: vi.fn(),
  });

  queue.say([soup("a")]);
  queue.say([soup("b")]);
  queue.say([soup("c")]);
  expect(queue.get().unsaved).toBe(3);
  first.open();
  await queue.flushed();

  expect(sent).toEqual([[soup("a")], [soup("b"), soup("c")]]);
  expect(queue.get()).toEqual({ unsaved: 0, stuck: false });
});

test("of two annotations of a waiting sample only the last is sent", async () => {
  const sent: Said[][] = [];
  const first = gate();
  const queue = new SaveQueue<Said>({
    save: async (said) => {
      sent.push(said);
      if (sent.length === 1) await first.opened;
    },
    refused: vi.fn(),
  });

  queue.say([soup("a")]);
  queue.say([soup("b")]);
  queue.say([{ sampleId: "b", labelId: null }]);
  first.open();
  await queue.flushed();

  expect(sent[1]).toEqual([{ sampleId: "b", labelId: null }]);
});

test("requests are repeated until a lost server is back, and nothing is lost", async () => {
  const save = vi
    .fn<(said: Said[]) => Promise<void>>()
    .mockRejectedValueOnce(new Failure("unreachable", "away"))
    .mockRejectedValueOnce(new Failure("unreachable", "away"))
    .mockResolvedValue(undefined);
  const waits: number[] = [];
  const queue = new SaveQueue<Said>({
    save,
    refused: vi.fn(),
    wait: (attempt) => {
      waits.push(attempt);
      expect(queue.get().stuck).toBe(true);
      return Promise.resolve();
    },
  });

  queue.say([soup("a")]);
  await queue.flushed();

  expect(save).toHaveBeenCalledTimes(3);
  expect(waits).toEqual([1, 2]);
  expect(queue.get()).toEqual({ unsaved: 0, stuck: false });
});

test("refused annotations are returned once, and the rest continues", async () => {
  const refused = vi.fn();
  const save = vi
    .fn<(said: Said[]) => Promise<void>>()
    .mockRejectedValueOnce(new Failure("invalid", "Label not found."))
    .mockResolvedValue(undefined);
  const queue = new SaveQueue<Said>({ save, refused });

  queue.say([soup("a")]);
  queue.say([soup("b")]);
  await queue.flushed();

  expect(refused).toHaveBeenCalledTimes(1);
  expect(refused.mock.calls[0]?.[0]).toEqual([soup("a")]);
  expect(save).toHaveBeenCalledTimes(2);
});

test("a request never has more entries than the API accepts", async () => {
  const sizes: number[] = [];
  const queue = new SaveQueue<Said>({
    save: (said) => {
      sizes.push(said.length);
      return Promise.resolve();
    },
    refused: vi.fn(),
    largest: 100,
  });

  queue.say(Array.from({ length: 250 }, (_, index) => soup(String(index))));
  await queue.flushed();

  expect(sizes).toEqual([100, 100, 50]);
});
