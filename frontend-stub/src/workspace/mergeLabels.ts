import { createLabel, deleteLabel } from "../api/labels";
import { saveAnnotations } from "../api/sampleChanges";
import { AT_ONCE, type SampleFilter, fetchIds } from "../api/samples";

interface Gone {
  id: string;
  name: string;
  description: string | null;
}

/**
 * Make one label's annotations those of another, and delete it. The result undoes that: the label
 * is made again, with the photos that have not been annotated otherwise since.
 *
 * Accepted guesses are cleared by it: given by a person, they would be learned from.
 */
export async function mergeLabels(
  functionId: string,
  gone: Gone,
  intoId: string,
): Promise<() => Promise<void>> {
  const labelled = await idsOf(functionId, {
    labelIds: [gone.id],
    annotationSources: ["PERSON", "IMPORT", "FEEDBACK"],
  });
  const accepted = await idsOf(functionId, {
    labelIds: [gone.id],
    annotationSources: ["ACCEPTED"],
  });
  await deleteLabel(gone.id, intoId);
  return async () => {
    const labelId = await createLabel(functionId, gone.name, gone.description);
    const said = [
      ...labelled.map((sampleId) => ({ sampleId, labelId, expectedId: intoId })),
      ...accepted.map((sampleId) => ({ sampleId, labelId: null, expectedId: intoId })),
    ];
    for (let from = 0; from < said.length; from += AT_ONCE) {
      await saveAnnotations(said.slice(from, from + AT_ONCE));
    }
  };
}

async function idsOf(functionId: string, filter: SampleFilter): Promise<string[]> {
  const list = { filter, orderBy: null, search: null };
  const ids: string[] = [];
  for (;;) {
    const page = await fetchIds(functionId, list, ids.length, AT_ONCE);
    ids.push(...page);
    if (page.length < AT_ONCE) return ids;
  }
}
