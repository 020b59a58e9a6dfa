import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Interface, createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

const root = path.resolve(import.meta.dirname, "../..");
const python = process.env["PYTHON"] ?? path.join(root, ".venv/bin/python");

/** A PostgreSQL server for one test. */
export class Postgres {
  private constructor(
    readonly url: string,
    readonly process: ChildProcessByStdio<Writable, Readable, null>,
    readonly lines: Interface,
  ) {}

  /** Start a server; returns null if PostgreSQL is not installed. */
  static async start(): Promise<Postgres | null> {
    const folder = mkdtempSync(path.join(tmpdir(), "pigeonhole-postgres-log-"));
    const script = path.join(import.meta.dirname, "postgres.py");
    const child = spawn(python, [script, folder], {
      cwd: root,
      env: { ...process.env, PYTHONPATH: root },
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = createInterface({ input: child.stdout });
    const url = await nextLine(lines);
    return url === "" ? null : new Postgres(url, child, lines);
  }

  /** Kill it, as a power cut does. */
  kill(): Promise<string> {
    return this.#step("kill");
  }

  startAgain(): Promise<string> {
    return this.#step("start");
  }

  async remove(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.stdin.end();
    await ended;
  }

  #step(word: string): Promise<string> {
    const done = nextLine(this.lines);
    this.process.stdin.write(`${word}\n`);
    return done;
  }
}

function nextLine(lines: Interface): Promise<string> {
  return new Promise((resolve) => lines.once("line", resolve));
}
