import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const root = path.resolve(import.meta.dirname, "../..");
const READY_MS = 120_000;

/** A real `pigeonhole up` in an empty data folder on a free port. */
export class Server {
  readonly url: string;
  readonly #port: number;
  readonly folder = mkdtempSync(path.join(tmpdir(), "pigeonhole-page-"));
  #process: ChildProcess | null = null;
  #log = "";

  private constructor(
    port: number,
    readonly settings: Record<string, string>,
    path: string,
  ) {
    this.#port = port;
    this.url = `http://127.0.0.1:${port}${path}`;
  }

  /** Start with additional settings, by the names of their variables, below a path. */
  static async start(settings: Record<string, string> = {}, path = ""): Promise<Server> {
    const port = await freePort();
    const placed = path === "" ? {} : { PIGEONHOLE_PUBLIC_URL: `http://127.0.0.1:${port}${path}` };
    const server = new Server(port, { ...placed, ...settings }, path);
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const command = process.env["PIGEONHOLE"] ?? path.join(root, ".venv/bin/pigeonhole");
    const child = spawn(command, ["up"], {
      cwd: root,
      env: {
        ...process.env,
        HOST: "127.0.0.1",
        PORT: String(this.#port),
        PIGEONHOLE_DATA_DIR: this.folder,
        PIGEONHOLE_ENCODER: process.env["PIGEONHOLE_ENCODER"] ?? "bundled",
        ...this.settings,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.on("data", (data) => (this.#log += String(data)));
    child.stderr.on("data", (data) => (this.#log += String(data)));
    this.#process = child;
    const until = Date.now() + READY_MS;
    while (!(await this.#isReady())) {
      if (child.exitCode !== null || Date.now() > until) {
        throw new Error(`pigeonhole up did not become ready:\n${this.#log}`);
      }
      await sleep(200);
    }
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child === null || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The admin key of the first start. */
  get key(): string {
    return readFileSync(path.join(this.folder, "admin.key"), "utf8").trim();
  }

  /** The URL that `up` prints, which logs the owner in once. */
  get link(): string {
    const links = [...this.#log.matchAll(/ready: open (\S+)/g)];
    return links.at(-1)?.[1] ?? this.url;
  }

  /** Send a query to the API; throws if the response has an error. */
  async ask<Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> {
    const response = await fetch(`${this.url}/graphql`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${this.key}` },
      body: JSON.stringify({ query, variables }),
    });
    const answer = (await response.json()) as { data: Data; errors?: unknown[] };
    if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors));
    return answer.data;
  }

  /** Delete every function, for a test that starts without any. */
  async clear(): Promise<void> {
    const { functions } = await this.ask<{ functions: { nodes: { id: string }[] } }>(
      "{ functions(first: 100) { nodes { id } } }",
    );
    for (const { id } of functions.nodes) {
      await this.ask(
        "mutation($id: ID!) { deleteFunction(input: { id: $id }) { deletedFunctionId } }",
        { id },
      );
    }
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/readyz`)).ok;
    } catch {
      return false;
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
