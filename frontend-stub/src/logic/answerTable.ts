import { describe } from "../api/failure";

/** A photo that the classifier is asked about, with its answer or the reason why there is none. */
export interface TableRow {
  key: number;
  name: string;
  invocation: {
    id: string;
    prediction: {
      label: { id: string; name: string };
      confidence: number;
      decision: "ACCEPT" | "REVIEW" | "NONE_OF_THESE";
      model: { version: number };
    };
  } | null;
  failure: unknown;
  /** The label from feedback. */
  said: string | null;
}

/** What became of a photo: the decision about its answer, or none yet. */
export const outcomes = ["ACCEPT", "REVIEW", "NONE_OF_THESE", "FAILED", "WAITING"] as const;
export type Outcome = (typeof outcomes)[number];

export const outcomeNames: Record<Outcome, string> = {
  ACCEPT: "Accepted",
  REVIEW: "To review",
  NONE_OF_THESE: "None of these",
  FAILED: "Failed",
  WAITING: "Waiting",
};

export function outcomeOf({ invocation, failure }: TableRow): Outcome {
  if (invocation !== null) return invocation.prediction.decision;
  return failure === null ? "WAITING" : "FAILED";
}

/** The number of rows of each outcome. */
export function countOutcomes(rows: readonly TableRow[]): Record<Outcome, number> {
  const counts = { ACCEPT: 0, REVIEW: 0, NONE_OF_THESE: 0, FAILED: 0, WAITING: 0 };
  for (const row of rows) counts[outcomeOf(row)]++;
  return counts;
}

export const columns = ["photo", "label", "confidence", "decision"] as const;
export type Column = (typeof columns)[number];

export interface Sorting {
  column: Column;
  descending: boolean;
}

const names = new Intl.Collator("en", { numeric: true });

/** Rows in the order of a column; those without an answer are last, and equal ones keep their order. */
export function sorted<Row extends TableRow>(
  rows: readonly Row[],
  sorting: Sorting | null,
): readonly Row[] {
  if (sorting === null) return rows;
  const { column, descending } = sorting;
  const sign = descending ? -1 : 1;
  return rows.toSorted((one, other) => {
    if (column === "photo") return sign * names.compare(one.name, other.name);
    if (column === "decision")
      return sign * (outcomes.indexOf(outcomeOf(one)) - outcomes.indexOf(outcomeOf(other)));
    const first = one.invocation?.prediction;
    const second = other.invocation?.prediction;
    if (first === undefined || second === undefined)
      return Number(first === undefined) - Number(second === undefined);
    return column === "label"
      ? sign * names.compare(first.label.name, second.label.name)
      : sign * (first.confidence - second.confidence);
  });
}

const HEAD = [
  "file",
  "label",
  "confidence",
  "decision",
  "corrected_label",
  "model_version",
  "invocation_id",
  "error",
];

/**
 * The rows as CSV (RFC 4180), in UTF-8 with a byte order mark, which spreadsheets need.
 *
 * Text that a spreadsheet would run as a formula gets an apostrophe in front.
 * Source: https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvOf(rows: readonly TableRow[]): string {
  const lines = rows.map((row) => {
    const prediction = row.invocation?.prediction;
    return [
      text(row.name),
      text(prediction?.label.name ?? ""),
      prediction?.confidence.toFixed(4) ?? "",
      outcomeOf(row),
      text(row.said ?? ""),
      prediction?.model.version ?? "",
      text(row.invocation?.id ?? ""),
      text(row.failure === null ? "" : describe(row.failure)),
    ].join(",");
  });
  return `\uFEFF${[HEAD.join(","), ...lines].join("\r\n")}\r\n`;
}

function text(value: string): string {
  const safe = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value;
  return `"${safe.replaceAll('"', '""')}"`;
}
