import { type Locator, type Page, test as base, expect } from "@playwright/test";
import axe from "axe-core";
import { Photos } from "./photos";
import { Server } from "./server";

interface Fixtures {
  /** The browser's error messages; a test that provokes some clears them. */
  complaints: string[];
}

interface WorkerFixtures {
  server: Server;
  digits: Photos;
}

/** A page of the real server that must use no other host and log no errors. */
export const test = base.extend<Fixtures, WorkerFixtures>({
  server: [
    // Playwright reads the names of required fixtures from the pattern of the first argument.
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const server = await Server.start();
      await use(server);
      await server.remove();
    },
    { scope: "worker", timeout: 180_000 },
  ],
  digits: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => use(await Photos.digits(40)),
    { scope: "worker" },
  ],
  baseURL: async ({ server }, use) => use(server.url),
  /** Logged in, as the person who runs the server. */
  context: async ({ context, server }, use) => {
    await context.request.post(`${server.url}/login`, { data: { key: server.key } });
    await use(context);
  },
  complaints: async ({ page, server }, use) => {
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") {
        complaints.push(`${message.text()} (${message.location().url})`);
      }
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      const { protocol, host } = new URL(request.url());
      const isLocal = protocol === "blob:" || protocol === "data:";
      if (!isLocal && host !== new URL(server.url).host) complaints.push(`asked ${request.url()}`);
    });
    await use(complaints);
    expect(complaints).toEqual([]);
  },
});

test.beforeEach(({ complaints }) => {
  complaints.length = 0;
});

/** The current photo, on Label and in the quiz. */
export function shown(page: Page): Locator {
  return page.locator('[data-sample][aria-hidden="false"]');
}

/** The number of photos that the list shows. */
export function total(page: Page): Locator {
  return page.getByRole("group", { name: "Filters" }).getByRole("status");
}

/** The photos of the list that are annotated with this label. */
export function labelled(page: Page, label: string): Locator {
  return page.getByRole("option", { name: new RegExp(`^Photo \\d+ ${label}( Model|$)`) });
}

interface Violation {
  id: string;
  impact: string;
  help: string;
  targets: string[];
}

/** A violation in third-party markup: one rule, on elements that a selector matches. */
export interface Excused {
  rule: string;
  selector: string;
}

/** The serious findings of axe-core on the current page, without the excused ones. */
export async function seriousViolations(page: Page, excused: Excused[] = []): Promise<Violation[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async (allowed) => {
    const { axe: scanner } = window as unknown as { axe: typeof axe };
    const { violations } = await scanner.run(document, { resultTypes: ["violations"] });
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, impact, help, nodes }) => ({
        id,
        impact: String(impact),
        help,
        targets: nodes
          .map(({ target }) => target.join(" "))
          .filter(
            (target) =>
              !allowed.some(
                ({ rule, selector }) =>
                  rule === id && document.querySelector(target)?.matches(selector),
              ),
          ),
      }))
      .filter(({ targets }) => targets.length > 0);
  }, excused);
}

/** The current page has no serious violation and fits, wide and on a phone, light and dark. */
export async function expectUsable(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 844 });
      expect(await seriousViolations(page)).toEqual([]);
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - window.innerWidth,
      );
      expect(over).toBeLessThanOrEqual(0);
    }
  }
}

export { expect } from "@playwright/test";
