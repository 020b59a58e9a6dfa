/**
 * Label names from what somebody typed or pasted: one a line, or one line with commas.
 *
 * Names that differ only in case are one label, as the API has it.
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
