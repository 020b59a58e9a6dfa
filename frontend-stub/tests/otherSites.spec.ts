import { type Server as HttpServer, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Page, test as base, expect } from "@playwright/test";
import { Photos, addUnknown, taught } from "./photos";
import { Server } from "./server";

/** Two sites with other origins than the server and the same page; one of them is allowed. */
interface Sites {
  allowed: string;
  other: string;
  picture: string; // its signed URL
}

const test = base.extend<object, { sites: Sites }>({
  sites: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const digits = await Photos.digits(1);
      const sites = [await serve(), await serve()];
      const [allowed = "", other = ""] = sites.map(originOf);
      const server = await Server.start({ PIGEONHOLE_CORS_ORIGINS: allowed });
      const id = await taught(server, "Shown elsewhere", digits, 0, []);
      await addUnknown(server, id, digits.of("4", 0, 1));
      const asked = await server.ask<{
        function: { samples: { nodes: { image: { url: string } }[] } };
      }>("query($id: ID!) { function(id: $id) { samples { nodes { image { url } } } } }", { id });
      const picture = asked.function.samples.nodes[0]?.image.url ?? "";
      await use({ allowed, other, picture });
      await server.remove();
      for (const site of sites) site.close();
    },
    { scope: "worker", timeout: 180_000 },
  ],
});

/** Serve an empty page on a free port of `localhost`, which is another site than `127.0.0.1`. */
async function serve(): Promise<HttpServer> {
  const site = createServer((_, response) => {
    response.setHeader("Content-Type", "text/html").end("<!doctype html><title>App</title>");
  });
  await new Promise<void>((resolve) => site.listen(0, "localhost", resolve));
  return site;
}

function originOf(site: HttpServer): string {
  return `http://localhost:${(site.address() as AddressInfo).port}`;
}

/** Return whether an `<img>` of a page can show a picture. */
function shows(page: Page, url: string, crossOrigin: string | null = null): Promise<boolean> {
  return page.evaluate(
    async ([source, mode]) => {
      const image = new Image();
      image.crossOrigin = mode;
      const shown = new Promise<boolean>((resolve) => {
        image.onload = () => resolve(image.naturalWidth > 0);
        image.onerror = () => resolve(false);
      });
      image.src = source;
      document.body.append(image);
      return shown;
    },
    [url, crossOrigin] as const,
  );
}

test("a page of an allowed origin can show a picture by its signed URL, and other pages cannot", async ({
  page,
  sites,
}) => {
  for (const [site, isShown] of [
    [sites.other, false],
    [sites.allowed, true],
    [sites.other, false], // although the browser may have cached it
  ] as const) {
    await page.goto(site);
    expect(await shows(page, sites.picture), site).toBe(isShown);
    expect(await shows(page, sites.picture, "anonymous"), site).toBe(isShown);
  }
});

test("a page of an allowed origin that sends no referrer shows a picture with `crossorigin`", async ({
  page,
  sites,
}) => {
  await page.goto(sites.allowed);
  await page.evaluate(() => {
    const referrer = Object.assign(document.createElement("meta"), { name: "referrer" });
    referrer.content = "no-referrer";
    document.head.append(referrer);
  });

  expect(await shows(page, sites.picture)).toBe(false);
  expect(await shows(page, sites.picture, "anonymous")).toBe(true);
});
