import { execFileSync } from "node:child_process";
import { parse } from "graphql";
import { expect, test } from "vitest";
import { languages, snippetsFor } from "./snippets";

const server = "https://photos.example:8443/pigeonhole/";
const called = { server, functionId: "RnVuY3Rpb246MQ==" };
const snippets = snippetsFor({ ...called, isPublic: false });
const ofPublic = snippetsFor({ ...called, isPublic: true });

test("every snippet names this host and this function", () => {
  const address = `${server}v1/functions/RnVuY3Rpb246MQ==/invoke`;
  for (const language of languages) {
    expect(snippets[language]).toContain(language === "GraphQL" ? `${server}graphql` : address);
    expect(snippets[language]).toContain("RnVuY3Rpb246MQ==");
  }
});

test("the GraphQL snippet is a document", () => {
  expect(parse(snippets.GraphQL).definitions).toHaveLength(1);
});

test("the curl snippet is one command for a shell", () => {
  execFileSync("sh", ["-n"], { input: snippets.curl });
  execFileSync("sh", ["-n"], { input: ofPublic.curl });
});

test("only the snippets of a private function send a key", () => {
  for (const language of languages) {
    expect(snippets[language]).toContain("Authorization");
    expect(ofPublic[language]).not.toMatch(/Authorization|KEY|environ|import os/);
  }
});
