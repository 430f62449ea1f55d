/** The server under attack: a process of its own, its memory and sockets as the system counts them, its log and its journal. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { openDirectory } from "../../../src/app/index.ts";
import { loadConfig } from "../../../src/config/index.ts";
import { explain } from "../../../src/operate/journal/index.ts";
import { ANY_PORTS, newSite, PASSWORD, type Site } from "../../e2e/site.ts";

/** Milliseconds after which something that should have come is missing. */
const PATIENCE_MS = 15_000;

/** Milliseconds between two looks for it. */
const INTERVAL_MS = 50;

const CHILD = join(import.meta.dirname, "child-server.ts");

interface Ports {
  readonly smtp: number;
  readonly pop3: number;
  readonly pop3s: number;
}

export interface BesiegedOptions {
  /** KEY=VALUE of the configuration. */
  readonly settings?: readonly string[];
  /** Files it may have open; otherwise as many as the system allows. */
  readonly openFiles?: number;
  /** A second mailbox, with the usual password. */
  readonly mailbox?: string;
}

export interface Memory {
  /** What the program itself holds. */
  readonly heapOctets: number;
  /** What the system counts for the process: buffers of sockets and TLS, and whatever is not given back. */
  readonly residentOctets: number;
}

export class Besieged {
  readonly #child: ChildProcess;
  readonly #site: Site;
  readonly ports: Ports;
  /** Before anybody came. */
  #idleSockets = 0;
  /** Its log so far, a line of JSON each. */
  log = "";

  private constructor(child: ChildProcess, site: Site, ports: Ports) {
    this.#child = child;
    this.#site = site;
    this.ports = ports;
    child.stderr?.setEncoding("utf8").on("data", (lines: string) => (this.log += lines));
  }

  /** Resolves when its ports are open. */
  static async start({ settings = [], openFiles, mailbox }: BesiegedOptions): Promise<Besieged> {
    const site = await newSite();
    if (mailbox !== undefined) await addMailbox(site, mailbox);
    const server = [process.execPath, "--expose-gc", CHILD, site.file, ...ANY_PORTS, ...settings];
    const limited = `ulimit -n ${openFiles ?? "$(ulimit -Hn)"} && exec "$@"`;
    const child = spawn("sh", ["-c", limited, "sh", ...server], {
      stdio: ["ignore", "inherit", "pipe", "ipc"],
    });
    const [ready] = (await once(child, "message")) as [{ ports: Ports }]; // child-server.ts sent it
    const besieged = new Besieged(child, site, ready.ports);
    besieged.#idleSockets = besieged.sockets;
    return besieged;
  }

  async memory(): Promise<Memory> {
    this.#child.send("memory");
    const [{ heapOctets }] = (await once(this.#child, "message")) as [{ heapOctets: number }]; // child-server.ts sent it
    const rollup = readFileSync(`/proc/${this.#child.pid}/smaps_rollup`, "utf8");
    return { heapOctets, residentOctets: 1024 * Number(/^Pss: +(\d+)/m.exec(rollup)?.[1]) };
  }

  /** Sockets it has open: ports, channels and connections. */
  get sockets(): number {
    const folder = `/proc/${this.#child.pid}/fd`;
    return readdirSync(folder).filter((name) => isSocket(join(folder, name))).length;
  }

  /** Waits until no connection is left. */
  async isEmpty(): Promise<void> {
    await waitFor(
      () => this.sockets <= this.#idleSockets,
      () => `${this.sockets} sockets are open, ${this.#idleSockets} before`,
    );
  }

  /** Waits for a line of its log; a line waits up to a second before it is written. */
  async logged(line: RegExp): Promise<void> {
    await waitFor(
      () => line.test(this.log),
      () => `no ${line} in its log:\n${this.log.slice(-4000)}`,
    );
  }

  /** Waits until `gatepost explain` says this of an address; what is refused is written to the journal a second late. */
  async explains(ip: string, words: RegExp): Promise<void> {
    const session = await openDirectory(loadConfig(this.#site.file));
    let said = "";
    const isSaid = async (): Promise<boolean> => {
      said = await explain(session.journal, ip, false);
      return words.test(said);
    };
    try {
      await waitFor(isSaid, () => `the journal does not say ${words} of ${ip}:\n${said}`);
    } finally {
      await session.close();
    }
  }

  async end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill("SIGKILL");
      await once(this.#child, "exit");
    }
    this.#site.remove();
  }
}

async function addMailbox(site: Site, mailbox: string): Promise<void> {
  const session = await openDirectory(loadConfig(site.file));
  await session.administration.mailboxes.add(mailbox, PASSWORD);
  await session.close();
}

export async function waitFor(
  reached: () => boolean | Promise<boolean>,
  otherwise: () => string,
): Promise<void> {
  for (let waited = 0; !(await reached()); waited += INTERVAL_MS) {
    if (waited > PATIENCE_MS) throw new Error(otherwise());
    await setTimeout(INTERVAL_MS);
  }
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith("socket:");
  } catch {
    return false; // closed since the folder was read
  }
}
