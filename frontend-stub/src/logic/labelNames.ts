/**
 * Label names from text that somebody typed or pasted: one per line, or one line with commas.
 *
 * Names that differ only in case are one label, as in the API.
 */
export function parseLabelNames(text: string): string[] {
  const lines = text.trim().split(/\r?\n|\t/);
  const parts = lines.length === 1 ? text.split(/[,;]/) : lines;
  const names = new Map<string, string>();
  for (const part of parts) {
    const name = part.trim().replace(/\s+/g, " ");
    if (name !== "" && !names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
  }
  return [...names.values()];
}

/** Errors in names, each with the name that it is about. */
export function nameProblems(
  names: readonly string[],
  errors: readonly { message: string; path: readonly string[] }[],
): string | undefined {
  const said = errors
    .filter(({ path }) => path.includes("labels"))
    .map(({ message, path }) => {
      const name = names[Number(path[path.indexOf("labels") + 1])];
      return name === undefined ? message : `“${shortened(name, 40)}”: ${message}`;
    });
  return said.length === 0 ? undefined : said.join(" ");
}

const graphemes = new Intl.Segmenter();

/** A long name without its middle, so that names with the same beginning remain different. */
export function shortened(name: string, most: number): string {
  const letters = [...graphemes.segment(name)].map(({ segment }) => segment);
  if (letters.length <= most) return name;
  const end = Math.ceil((most - 1) / 2);
  return `${letters.slice(0, most - 1 - end).join("")}…${letters.slice(-end).join("")}`;
}
