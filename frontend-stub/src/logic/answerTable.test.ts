import { expect, test } from "vitest";
import { Failure } from "../api/failure";
import { type TableRow, countOutcomes, csvOf, sorted } from "./answerTable";

let made = 0;

function row(name: string, over: Partial<TableRow> = {}): TableRow {
  return { key: ++made, name, invocation: null, failure: null, said: null, ...over };
}

function answered(
  name: string,
  label: string,
  confidence: number,
  decision: "ACCEPT" | "REVIEW" | "NONE_OF_THESE" = "ACCEPT",
): TableRow {
  const prediction = { label: { id: label, name: label }, confidence, decision };
  return row(name, {
    invocation: { id: `id-${name}`, prediction: { ...prediction, model: { version: 3 } } },
  });
}

const rows = [
  answered("10.jpg", "Soups", 0.9),
  row("broken.jpg", { failure: new Failure("invalid", "It is no picture.") }),
  answered("9.jpg", "Desserts", 0.4, "REVIEW"),
  row("later.jpg"),
];

const order = (column: "photo" | "label" | "confidence" | "decision", descending = false) =>
  sorted(rows, { column, descending }).map(({ name }) => name);

test("rows are sorted by each column, and those without an answer come last", () => {
  expect(sorted(rows, null)).toBe(rows);
  expect(order("photo")).toEqual(["9.jpg", "10.jpg", "broken.jpg", "later.jpg"]);
  expect(order("label")).toEqual(["9.jpg", "10.jpg", "broken.jpg", "later.jpg"]);
  expect(order("confidence")).toEqual(["9.jpg", "10.jpg", "broken.jpg", "later.jpg"]);
  expect(order("confidence", true)).toEqual(["10.jpg", "9.jpg", "broken.jpg", "later.jpg"]);
  expect(order("decision")).toEqual(["10.jpg", "9.jpg", "broken.jpg", "later.jpg"]);
});

test("each row is counted under the decision about its answer, or as failed or waiting", () => {
  expect(countOutcomes(rows)).toEqual({
    ACCEPT: 1,
    REVIEW: 1,
    NONE_OF_THESE: 0,
    FAILED: 1,
    WAITING: 1,
  });
});

test("the CSV has one line for each photo, with its answer or the reason why there is none", () => {
  const corrected = { ...answered("a, b.jpg", 'The "best"', 0.98765), said: "Soups" };

  expect(csvOf([corrected, ...rows.slice(1, 2)]).split("\r\n")).toEqual([
    "\uFEFFfile,label,confidence,decision,corrected_label,model_version,invocation_id,error",
    '"a, b.jpg","The ""best""",0.9877,ACCEPT,"Soups",3,"id-a, b.jpg",""',
    '"broken.jpg","",,FAILED,"",,"","It is no picture."',
    "",
  ]);
});

test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])(
  "a spreadsheet does not run the file name %j as a formula",
  (name) => {
    expect(csvOf([row(name)])).toContain(`\r\n"'${name}",`);
  },
);
