import type { Sample, SamplePage } from "../api/samples";

/** A sample for tests, with defaults for fields that a test does not set. */
export function sampleOf(id: string, over: Partial<Sample> = {}): Sample {
  return {
    id,
    externalId: null,
    fileName: null,
    createdAt: "2026-01-01T00:00:00Z",
    captureReason: null,
    disputed: false,
    unreadable: null,
    image: { thumbnail: `/t/${id}`, url: `/f/${id}`, width: 4, height: 3 },
    annotation: null,
    crossValidated: null,
    ...over,
  };
}

/** A server's list of samples `s0`, `s1`, ..., filtered by `keep` at each request. */
export function pagesOf(
  count: number,
  size: number,
  keep: (id: string) => boolean = () => true,
): (after: string | null) => Promise<SamplePage> {
  const all = Array.from({ length: count }, (_, index) => `s${index}`);
  return (after) => {
    const rest = all.slice(after === null ? 0 : all.indexOf(after) + 1).filter(keep);
    const ids = rest.slice(0, size);
    const next = rest.length > size ? (ids.at(-1) ?? null) : null;
    return Promise.resolve({
      samples: ids.map((id) => sampleOf(id)),
      total: all.filter(keep).length,
      next,
    });
  };
}
