import { expect, test } from "vitest";
import { hrefOf, parseRoute, webhooksHref } from "./route";

test("the empty address is the list of functions", () => {
  expect(parseRoute("")).toEqual({ screen: "functions" });
  expect(parseRoute("#/")).toEqual({ screen: "functions" });
});

test("a generated address is parsed back, whatever the ID contains", () => {
  const href = hrefOf("RnVu/Y3Q=", "review/confusion", new URLSearchParams({ label: "a&b" }));

  const route = parseRoute(href);

  expect(route).toMatchObject({ screen: "review", part: "confusion", functionId: "RnVu/Y3Q=" });
  expect(route?.screen === "review" && route.search.get("label")).toBe("a&b");
});

test("the address of a function opens its samples", () => {
  expect(parseRoute("#/functions/7")).toMatchObject({ screen: "samples", functionId: "7" });
});

test("the webhooks have a list, and an address each", () => {
  expect(parseRoute(webhooksHref())).toEqual({ screen: "webhooks" });
  expect(parseRoute(webhooksHref("a/b="))).toEqual({ screen: "webhook", webhookId: "a/b=" });
  expect(parseRoute("#/webhooks/7/nothing")).toBeNull();
});

test("an address without a screen is none", () => {
  expect(parseRoute("#/elsewhere")).toBeNull();
  expect(parseRoute("#/functions/7/nothing")).toBeNull();
  expect(parseRoute("#/functions/7/review/quiz/more")).toBeNull();
});
