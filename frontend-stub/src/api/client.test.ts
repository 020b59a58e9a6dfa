// @vitest-environment jsdom
import { afterEach, expect, test, vi } from "vitest";
import { query } from "./client";
import { graphql } from "./graphql";

vi.mock("../logic/backOff", () => ({ backOff: () => Promise.resolve() }));

const document = graphql("query Any { viewer { scopes } }");
const answer = (body: unknown) =>
  Promise.resolve(
    new Response(JSON.stringify(body), { headers: { "Content-Type": "application/json" } }),
  );
const refused = (code: string) =>
  answer({ errors: [{ message: "Not now.", extensions: { code } }] });

afterEach(() => {
  vi.unstubAllGlobals();
});

test("a request is repeated after the pause that the server asks for", async () => {
  const fetching = vi
    .fn()
    .mockReturnValueOnce(refused("RATE_LIMITED"))
    .mockReturnValueOnce(refused("OVERLOADED"))
    .mockReturnValueOnce(answer({ data: { viewer: { scopes: ["READ"] } } }));
  vi.stubGlobal("fetch", fetching);

  expect(await query(document, {})).toMatchObject({ viewer: { scopes: ["READ"] } });
  expect(fetching).toHaveBeenCalledTimes(3);
});

test("a request is sent at most four times, and other refusals are final", async () => {
  const fetching = vi.fn().mockImplementation(() => refused("RATE_LIMITED"));
  vi.stubGlobal("fetch", fetching);
  await expect(query(document, {})).rejects.toThrow("Not now.");
  expect(fetching).toHaveBeenCalledTimes(4);

  fetching.mockClear();
  fetching.mockImplementation(() => refused("FORBIDDEN"));
  await expect(query(document, {})).rejects.toThrow("Not now.");
  expect(fetching).toHaveBeenCalledTimes(1);
});
