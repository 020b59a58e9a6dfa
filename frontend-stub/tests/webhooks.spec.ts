import { createHmac } from "node:crypto";
import { type IncomingHttpHeaders, type Server as HttpServer, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { expect, expectUsable, test as base } from "./page";
import { addAnnotated, named } from "./photos";
import { Server } from "./server";

interface Taken {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A program that is told of changes; it responds with the given statuses, then with 204. */
class Receiver {
  readonly taken: Taken[] = [];
  statuses: number[] = [];
  readonly #server: HttpServer = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      this.taken.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
      response.writeHead(this.statuses.shift() ?? 204).end();
    });
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}/${path}`;
  }

  stop(): void {
    this.#server.close();
  }
}

/** A server that may send to a receiver on this machine. */
const test = base.extend<object, { receiver: Receiver; server: Server }>({
  receiver: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const receiver = new Receiver();
      await receiver.start();
      await use(receiver);
      receiver.stop();
    },
    { scope: "worker" },
  ],
  server: [
    async ({ receiver }, use) => {
      const server = await Server.start({
        PIGEONHOLE_FETCH_ALLOWED_HOSTS: "127.0.0.1",
        PIGEONHOLE_FETCH_PORTS: `80,443,${receiver.port}`,
      });
      await use(server);
      await server.remove();
    },
    { scope: "worker", timeout: 180_000 },
  ],
});

/** Create a webhook in the page, and return the secret that it shows. */
async function create(page: Page, url: string, event: string, fn?: string): Promise<string> {
  await page.getByRole("button", { name: "New webhook" }).click();
  const dialog = page.getByRole("dialog", { name: "New webhook" });
  await dialog.getByLabel("URL").fill(url);
  await dialog.getByRole("checkbox", { name: event }).check();
  if (fn !== undefined)
    await dialog.getByRole("combobox", { name: "Function" }).selectOption({ label: fn });
  await dialog.getByRole("button", { name: "Create webhook" }).click();
  await expect(dialog).toBeHidden();
  return await shownSecret(page);
}

function shownSecret(page: Page): Promise<string> {
  return page.getByRole("main").getByRole("status").locator("code").innerText();
}

/** Whether a secret signed what the receiver took, as Standard Webhooks describes. */
function isSigned({ headers, body }: Taken, secret: string): boolean {
  const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const signature = createHmac("sha256", key).update(signed).digest("base64");
  return String(headers["webhook-signature"]).split(" ").includes(`v1,${signature}`);
}

const deliveries = (page: Page) =>
  page.getByRole("list", { name: "Deliveries, newest first" }).getByRole("listitem");

test("a webhook is made, tested, delivered again, changed and deleted in the page", async ({
  page,
  receiver,
}) => {
  await page.goto("/");
  await page.getByRole("link", { name: "Webhooks" }).click();
  await expect(page.getByRole("heading", { name: "Nobody is told yet" })).toBeVisible();
  await expectUsable(page);

  // A URL that must not be reached is refused in the form.
  await page.getByRole("button", { name: "New webhook" }).click();
  const dialog = page.getByRole("dialog", { name: "New webhook" });
  await dialog.getByLabel("URL").fill("http://127.0.0.1:9/");
  await dialog.getByRole("checkbox", { name: "A training run has failed" }).check();
  await dialog.getByRole("button", { name: "Create webhook" }).click();
  await expect(dialog.getByRole("alert")).toBeVisible();
  await expectUsable(page);
  await page.keyboard.press("Escape");

  const url = receiver.url("first");
  const secret = await create(page, url, "A version was put to use");
  expect(secret).toMatch(/^whsec_/);
  await page.getByRole("link", { name: url }).click();
  await expect(page.getByRole("heading", { name: "Webhook", exact: true })).toBeVisible();

  // A test arrives, signed with the secret.
  await page.getByRole("button", { name: "Send a test" }).click();
  await expect(deliveries(page)).toHaveCount(1);
  await expect(deliveries(page).first()).toContainText("Delivered");
  await expect(deliveries(page).first()).toContainText("responded with status 204");
  expect(JSON.parse(receiver.taken[0]?.body ?? "")).toMatchObject({ type: "webhook.test" });
  expect(receiver.taken.map((one) => isSigned(one, secret))).toEqual([true]);

  // One that fails says why, and is delivered at once on demand, before its third attempt.
  receiver.statuses = [500, 500];
  await page.getByRole("button", { name: "Send a test" }).click();
  const newest = deliveries(page).first();
  await expect(newest).toContainText("The receiver responded with status 500.");
  await expect(newest).toContainText("2 attempts · next attempt");
  await expectUsable(page);
  await newest.getByRole("button", { name: "Deliver now" }).click();
  await expect(newest.getByRole("button", { name: "Deliver again" })).toBeVisible();
  await newest.getByRole("button", { name: "Deliver again" }).click();
  await expect(newest).toContainText("4 attempts · delivered");
  const ids = receiver.taken.map((one) => one.headers["webhook-id"]);
  expect(ids.slice(1)).toEqual([ids[1], ids[1], ids[1], ids[1]]);

  // What is sent after a new secret was made is signed with it, and with the one before it for a day.
  await page.getByRole("button", { name: "New secret" }).click();
  await page.getByRole("button", { name: "Replace the secret" }).click();
  const replaced = await shownSecret(page);
  expect(replaced).not.toBe(secret);
  await newest.getByRole("button", { name: "Deliver again" }).click();
  await expect(newest).toContainText("5 attempts · delivered");
  expect(receiver.taken.slice(-2).map((one) => isSigned(one, replaced))).toEqual([false, true]);
  expect(receiver.taken.slice(-2).map((one) => isSigned(one, secret))).toEqual([true, true]);
  await expect(page.getByText(/deliveries are also signed with the previous secret/)).toBeVisible();

  await page.getByRole("button", { name: "Edit" }).click();
  const edit = page.getByRole("dialog", { name: "Edit webhook" });
  await edit.getByRole("checkbox", { name: "A training run has failed" }).check();
  await edit.getByLabel("URL").fill(receiver.url("second"));
  await edit.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: receiver.url("second") })).toBeVisible();
  await expect(page.getByText("A training run has failed", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Turn off" }).click();
  await expect(page.getByText("It was turned off by hand.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Send a test" })).toBeDisabled();
  await expectUsable(page);
  await page.getByRole("button", { name: "Turn on" }).click();
  await expect(page.getByRole("button", { name: "Send a test" })).toBeEnabled();

  await page.getByRole("button", { name: "Delete", exact: true }).click();
  const question = page.getByRole("dialog", { name: "Delete this webhook?" });
  await expect(question).toContainText("its log of 2 deliveries go too");
  await expectUsable(page);
  await question.getByRole("button", { name: "Delete webhook" }).click();
  await expect(page.getByRole("heading", { name: "Nobody is told yet" })).toBeVisible();
});

test("a function's webhook is told of its new version, and of the receiver's wish to end", async ({
  page,
  server,
  receiver,
  digits,
}) => {
  const id = await named(server, "Told of", ["0", "1"]);
  await page.goto(`/#/functions/${encodeURIComponent(id)}/use`);
  await page.getByRole("link", { name: "webhooks" }).click();
  await create(page, receiver.url("told"), "A version was put to use", "Told of");
  await expect(page.getByRole("listitem").filter({ hasText: receiver.url("told") })).toContainText(
    "Told of · model.activated",
  );
  await page.getByRole("link", { name: receiver.url("told") }).click();
  await expect(page.getByText("Nothing was sent yet.")).toBeVisible();

  for (const label of ["0", "1"]) await addAnnotated(server, id, label, digits.of(label, 0, 4));
  const told = deliveries(page).filter({ hasText: "model.activated" }).first();
  await expect(told).toContainText("Delivered", { timeout: 90_000 });
  await told.getByText("What is sent").click();
  await expect(told.locator("pre")).toContainText('"name": "Told of"');

  receiver.statuses = [410];
  await page.getByRole("button", { name: "Send a test" }).click();
  await expect(page.getByText(/as the receiver asked for\. Nothing is recorded/)).toBeVisible();
  await expect(deliveries(page).first()).toContainText("Held");
  await page.getByRole("link", { name: "Back to the webhooks" }).click();
  await expect(page.getByText("The receiver responded with status 410.")).toBeVisible();
  await expectUsable(page);
});

test("who may not manage webhooks is not shown them", async ({
  page,
  context,
  server,
  complaints,
}) => {
  const { createApiKey: made } = await server.ask<{ createApiKey: { secret: string } }>(
    'mutation { createApiKey(input: { name: "Reader", scopes: [READ] }) { secret } }',
  );
  await context.clearCookies();
  await context.request.post(`${server.url}/login`, { data: { key: made.secret } });

  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Functions" })).toBeVisible();
  await page.waitForLoadState("networkidle");
  await expect(page.getByRole("link", { name: "Webhooks" })).toBeHidden();
  await page.goto("/#/webhooks");
  await expect(page.getByRole("alert")).toContainText("requires an API key with the scope ADMIN");
  await expect(page.getByRole("button", { name: "New webhook" })).toBeHidden();

  // The browser itself reports the refusal.
  expect(complaints.filter((text) => !text.includes("403"))).toEqual([]);
  complaints.length = 0;
});
