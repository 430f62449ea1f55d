/** The server process that a test kills, and what is asked of it meanwhile. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import type { ServiceName } from "../../../src/app/index.ts";
import { Talk } from "../../e2e/talk.ts";
import { PASSWORD, USER } from "../../e2e/site.ts";
import type { LeftRow } from "./book.ts";
import type { Write } from "./stopping-store.ts";

/** It is started a hundred times, always the same. */
const COMPILE_CACHE = join(tmpdir(), "gatepost-test-compile-cache");

/** Milliseconds in which a server that has answered everything is done with it. */
const LAST_STEPS_MS = 1000;

/** Milliseconds after which a line of the log is missing. */
const LOG_MS = 5000;

const CHILD = join(import.meta.dirname, "child-server.ts");

/** What a server says of itself when its ports are open. */
export interface Ready {
  readonly ports: Readonly<Record<ServiceName, number>>;
  /** What it found in the queue before it touched that. */
  readonly left: readonly LeftRow[];
}

/** The step of its store at which it kills itself, from 1; with `write`, of that write's steps. */
export interface Stop {
  readonly step: number;
  readonly write?: Write;
}

export class Victim {
  readonly #child: ChildProcess;
  readonly ports: Ready["ports"];
  readonly left: Ready["left"];
  /** Its log so far, warnings and errors. */
  log = "";

  private constructor(child: ChildProcess, { ports, left }: Ready) {
    this.#child = child;
    this.left = left;
    this.ports = ports;
    child.stderr?.setEncoding("utf8").on("data", (lines: string) => (this.log += lines));
  }

  /** Resolves when its ports are open. */
  static async start(config: string): Promise<Victim> {
    const child = spawn(process.execPath, [CHILD, config], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
    });
    const ready = await Promise.race([once(child, "message"), once(child, "exit")]);
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the server ended before it was ready: ${await saidBy(child)}`);
    return new Victim(child, ready[0] as Ready); // child-server.ts sent it
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

async function saidBy({ stderr }: ChildProcess): Promise<string> {
  return stderr === null ? "" : text(stderr);
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
