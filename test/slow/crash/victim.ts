/** The server process that a test kills, and what is asked of it meanwhile. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { ServiceName } from "../../../src/app/index.ts";
import { Talk } from "../../e2e/talk.ts";
import { PASSWORD, USER } from "../../e2e/site.ts";
import type { LeftRow } from "./book.ts";
import type { Write } from "./stopping-store.ts";

/** It is started a hundred times, always the same: compiled once, where the run has no such folder already. */
const COMPILE_CACHE = join(tmpdir(), "gatepost-test-compile-cache");

/** Milliseconds in which a server that has answered everything is done with it. */
const LAST_STEPS_MS = 1000;

/** Milliseconds after which a line of the log is missing. */
const LOG_MS = 5000;

const CHILD = join(import.meta.dirname, "child-server.ts");

type Ports = Readonly<Record<ServiceName, number>>;

/** What a server says of itself, one after the other. */
export type Said =
  /** What it found in the queue, before it touches that. */
  | { readonly left: readonly LeftRow[] }
  /** They are open. */
  | { readonly ports: Ports }
  | { readonly told: Stop };

/** The step of its store at which it kills itself, from 1; with `write`, of that write's steps. */
export interface Stop {
  readonly step: number;
  readonly write?: Write;
}

export type OnLeft = (rows: readonly LeftRow[]) => void;

export class Victim {
  readonly #child: ChildProcess;
  readonly #ready = Promise.withResolvers<void>();
  #ports: Ports | undefined;
  /** Its log so far, warnings and errors. */
  log = "";

  private constructor(config: string, onLeft: OnLeft) {
    const child = spawn(process.execPath, [CHILD, config], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...process.env },
    });
    this.#child = child;
    child.stderr?.setEncoding("utf8").on("data", (lines: string) => (this.log += lines));
    child.on("message", (said: Said) => {
      if ("left" in said) onLeft(said.left);
      if (!("ports" in said)) return;
      this.#ports = said.ports;
      this.#ready.resolve();
    });
  }

  /** Resolves when its ports are open. */
  static async start(config: string, onLeft: OnLeft = () => {}): Promise<Victim> {
    const victim = new Victim(config, onLeft);
    await Promise.race([victim.#ready.promise, once(victim.#child, "close")]);
    if (victim.#ports !== undefined) return victim;
    throw new Error(`the server ended before it was ready: ${victim.log}`);
  }

  /** One that is killed after so many milliseconds, at some step of its start. */
  static async stillborn(config: string, ms: number, onLeft: OnLeft = () => {}): Promise<void> {
    const child = new Victim(config, onLeft).#child;
    const ended = Promise.all([once(child, "exit"), once(child, "disconnect")]);
    await setTimeout(ms);
    child.kill("SIGKILL");
    await ended;
  }

  get ports(): Ports {
    if (this.#ports === undefined) throw new Error("its ports are not open");
    return this.#ports;
  }

  /** From now on its store counts its steps, and the server kills itself at that one. */
  async stopAt(stop: Stop): Promise<void> {
    this.#child.send(stop);
    await once(this.#child, "message");
  }

  get pid(): number {
    return this.#child.pid ?? -1; // it was ready, so it has one
  }

  get gone(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Waits for a line in its log; the log is written a second late. */
  async logged(line: RegExp): Promise<void> {
    for (let waited = 0; !line.test(this.log); waited += 100) {
      if (waited > LOG_MS) throw new Error(`no ${line} in its log: ${this.log}`);
      await setTimeout(100);
    }
  }

  /** Whether a stop after everything was answered (a last note of the journal) still comes. */
  async diesSoon(): Promise<boolean> {
    if (!this.gone) await Promise.race([once(this.#child, "exit"), setTimeout(LAST_STEPS_MS)]);
    return this.gone;
  }

  kill(): Promise<number | null> {
    return this.end("SIGKILL");
  }

  /** Sends a signal that ends it; resolves to its exit code, null when it died of the signal. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
    if (!this.gone) {
      this.#child.kill(signal);
      await once(this.#child, "exit");
    }
    return this.#child.exitCode;
  }
}

/** Delivers one message; true when it was answered 250, false when the connection broke or it was refused. */
export async function deliverToken(port: number, token: string, octets: number): Promise<boolean> {
  try {
    const talk = await Talk.to(port);
    const body = `Subject: ${token}\r\n\r\n${`${"x".repeat(70)}\r\n`.repeat(Math.ceil(octets / 72))}`;
    const lines = [
      "EHLO c.example",
      "MAIL FROM:<s@remote.example>",
      `RCPT TO:<${USER}>`,
      "DATA",
      `${body}.`,
    ];
    let reply = await talk.reply();
    for (const line of lines) reply = /^[23]/.test(reply) ? await talk.ask(line) : reply;
    talk.destroy();
    return reply.startsWith("250 2.0.0 accepted");
  } catch {
    return false; // refused connection: the server is down at this moment
  }
}

/** How often each token is in the mailbox; what was found is deleted when `remove`. Undefined when the connection broke. */
export async function tokensInMailbox(
  port: number,
  remove = false,
): Promise<Map<string, number> | undefined> {
  const talk = await Talk.to(port);
  await talk.reply();
  await talk.ask(`USER ${USER}`);
  if (!(await talk.ask(`PASS ${PASSWORD}`)).startsWith("+OK")) return undefined;
  const count = Number(/^\+OK (\d+)/.exec(await talk.ask("STAT"))?.[1]);
  const tokens = new Map<string, number>();
  for (let number = 1; number <= count; number++) {
    talk.say(`TOP ${number} 0\r\n`);
    const token = /^Subject: (\S+)/m.exec(await talk.until("\r\n.\r\n"))?.[1] ?? "no token";
    tokens.set(token, (tokens.get(token) ?? 0) + 1);
    if (remove) await talk.ask(`DELE ${number}`);
  }
  const goodbye = await talk.ask("QUIT");
  await talk.closed(); // the session has ended at the server too
  return goodbye.startsWith("+OK") ? tokens : undefined;
}
