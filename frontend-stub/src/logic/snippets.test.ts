import { execFileSync } from "node:child_process";
import { parse } from "graphql";
import { expect, test } from "vitest";
import { languages, snippetsFor } from "./snippets";

const origin = "https://photos.example:8443";
const snippets = snippetsFor(origin, "RnVuY3Rpb246MQ==");

test("every snippet names this host and this function", () => {
  for (const language of languages) {
    expect(snippets[language]).toContain(`${origin}/graphql`);
    expect(snippets[language]).toContain("RnVuY3Rpb246MQ==");
  }
});

test("the GraphQL snippet is a document", () => {
  expect(parse(snippets.GraphQL).definitions).toHaveLength(1);
});

test("the curl snippet is one command for a shell", () => {
  execFileSync("sh", ["-n"], { input: snippets.curl });
});
