import { setTimeout as sleep } from "node:timers/promises";
import { addUnknown, taught } from "./photos";
import { expect, test as base } from "./page";
import { Postgres } from "./postgres";
import { Server } from "./server";

const AWAY_MS = 10_000;

/** The fixtures of the other tests, with a PostgreSQL that can be killed. */
const test = base.extend<object, { postgres: Postgres | null }>({
  postgres: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const postgres = await Postgres.start();
      await use(postgres);
      await postgres?.remove();
    },
    { scope: "worker", timeout: 60_000 },
  ],
  server: [
    async ({ postgres }, use) => {
      const server = await Server.start({ PIGEONHOLE_DATABASE_URL: postgres?.url ?? "" });
      await use(server);
      await server.remove();
    },
    { scope: "worker", timeout: 180_000 },
  ],
});

test("an outage of the database for ten seconds loses nothing, and the page gets later changes", async ({
  page,
  server,
  postgres,
  digits,
  complaints,
}) => {
  test.skip(postgres === null, "PostgreSQL is not installed here.");
  const id = await taught(server, "Outage", digits, 3, ["4", "5"]);
  await addUnknown(server, id, digits.of("4", 10, 20));
  await page.goto(`/#/functions/${encodeURIComponent(id)}/annotate`);
  await expect(page.getByText("6 annotated, 10 photos left")).toBeVisible();
  await expect(page.getByAltText("Photo to annotate").last()).toBeVisible();

  await postgres?.kill();
  await page.keyboard.press("1");
  await sleep(AWAY_MS);
  await postgres?.startAgain();

  // Changes made meanwhile are saved, and changes by others appear without a reload.
  await expect(page.getByText("7 annotated, 9 photos left")).toBeVisible();
  await expect(page.getByText("not saved yet")).toBeHidden();
  await addUnknown(server, id, digits.of("5", 20, 22));
  await expect(page.getByText("7 annotated, 11 photos left")).toBeVisible();
  await expect(page.getByText("Connection lost, trying again.")).toBeHidden();

  // The browser itself reports responses 503 and closed websockets, and nothing else.
  expect(complaints.filter((text) => !/503|WebSocket/.test(text))).toEqual([]);
  complaints.length = 0;
});
