/**
 * A Gatepost of one's own: a fresh site in a temporary directory, served by `bin/gatepost` as a child
 * process on free ports of loopback, stopped by its pid. The way an operator makes one, no inner door.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { ServiceName } from "../../../src/app/index.ts";
import { run, type Run } from "./programs.ts";

export const GATEPOST = fileURLToPath(new URL("../../../bin/gatepost", import.meta.url));
export const USER = "user@local.example";
export const PASSWORD = "correct horse battery";

/** Milliseconds: far more than it takes, for a machine that is busy with other suites. */
const START_LIMIT = 30_000;
const STOP_LIMIT = 15_000;

export interface Site {
  readonly directory: string;
  readonly ports: Readonly<Record<ServiceName, number>>;
  readonly pid: number;
  /** Runs a command of gatepost on this site: `gatepost ARGS --config …`. */
  gatepost(...args: string[]): Promise<Run>;
  /** The server's log so far, one line of JSON an event. */
  log(): string;
  /** Stops the server, and starts it again as it was; its log begins anew. */
  restart(): Promise<void>;
  /** Stops the server; throws when it did not end by itself with 0. */
  stop(): Promise<void>;
}

export interface SiteOptions {
  readonly program?: string;
  /** TOML behind what `init` wrote: commands see it too. */
  readonly more?: string;
  /** `KEY=VALUE`, TOML, over what `init` wrote. */
  readonly settings?: readonly string[];
}

export async function startSite(options: SiteOptions = {}): Promise<Site> {
  const { program = GATEPOST, more = "", settings = [] } = options;
  const directory = temporaryDirectory();
  const base = await freePortBase();
  const name = ["--hostname", "mx.local.example", "--domain", "local.example"];
  const mailbox = ["--mailbox", USER, "--password", PASSWORD];
  const place = ["--port-base", String(base), "--dir", directory];
  const made = await run(program, ["init", ...name, ...mailbox, ...place]);
  if (made.code !== 0) throw new Error(`gatepost init: ${made.said}`);
  const config = join(directory, "gatepost.toml");
  appendFileSync(config, more);
  const set = settings.flatMap((setting) => ["--set", setting]);
  const serve = (): Promise<Server> =>
    startServer(["serve", "--config", config, ...set], { program });
  let server = await serve();
  return {
    directory,
    ports: portsOf(base),
    get pid() {
      return server.pid;
    },
    gatepost: (...args) => run(program, [...args, "--config", config]),
    log: () => server.log(),
    async restart() {
      await server.stop();
      server = await serve();
    },
    stop: () => server.stop(),
  };
}

export interface Server {
  readonly pid: number;
  /** What it printed on stdout up to and with its ready line. */
  readonly greeting: string;
  /** What it has said on stderr so far. */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

/** Starts a gatepost command that serves, and waits for the line that begins with `ready`. */
export async function startServer(
  args: readonly string[],
  { program = GATEPOST, cwd = process.cwd() }: { program?: string; cwd?: string } = {},
): Promise<Server> {
  const child = spawn(program, args, { cwd });
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
  const ended = once(child, "close").then(([code]) => `it ended by itself with ${code}`);
  const ready = new Promise<"ready">((resolve) => {
    child.stdout.on("data", () => /^ready.*\n/m.test(said.stdout) && resolve("ready"));
  });
  const tooLate = setTimeout(START_LIMIT, "it took too long", { ref: false });
  const outcome = await Promise.race([ready, ended, tooLate]);
  if (outcome === "ready" && child.pid !== undefined) {
    return {
      pid: child.pid,
      greeting: said.stdout,
      log: () => said.stderr,
      stop: () => stopServer(child, said),
    };
  }
  child.kill("SIGKILL");
  throw new Error(`gatepost did not become ready: ${outcome}\n${said.stdout}${said.stderr}`);
}

async function stopServer(child: ChildProcess, said: Said): Promise<void> {
  if (child.exitCode === null) {
    const ended = once(child, "close");
    child.kill("SIGTERM");
    await Promise.race([ended, setTimeout(STOP_LIMIT, undefined, { ref: false })]);
  }
  if (child.exitCode === 0) return;
  child.kill("SIGKILL");
  throw new Error(`gatepost did not stop well: ${child.exitCode}\n${said.stdout}${said.stderr}`);
}

interface Said {
  readonly stdout: string;
  readonly stderr: string;
}

const temporary: string[] = [];
process.once("exit", () => {
  for (const directory of temporary) rmSync(directory, { recursive: true, force: true });
});

/** A fresh directory, removed when this test file ends. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "gatepost-test-"));
  temporary.push(directory);
  return directory;
}

export function portsOf(base: number): Site["ports"] {
  return {
    smtp: base + 25,
    submission: base + 587,
    submissions: base + 465,
    pop3: base + 110,
    pop3s: base + 995,
    http: base + 80,
    https: base + 443,
  };
}

/** A port base whose ports are free now, below the range from which the system takes ports for clients. */
export async function freePortBase(): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const base = 11_000 + Math.floor(Math.random() * 20_000);
    const free = await Promise.all(Object.values(portsOf(base)).map(isFree));
    if (free.every(Boolean)) return base;
  }
  throw new Error("found no free ports");
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, "127.0.0.1");
  try {
    await once(probe, "listening");
    return true;
  } catch {
    return false; // Taken, most likely; whatever the reason, another base is tried.
  } finally {
    probe.close();
  }
}
