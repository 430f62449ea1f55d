/**
 * A published list beside rbldnsd: `node bench/list-server.ts [--rounds N] [--seconds S]`. The same file of 100,000 and of 1,000,000 addresses, asked by dnsperf
 * in turns in the same run: answers a second, processor time an answer, how long it takes to load, memory over an empty server. Stands alone; needs root for Debian's dnsperf
 * and rbldnsd (`apt-get install dnsperf rbldnsd`).
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { freePortBase } from "../test/interop/support/site.ts";
import { median } from "./measure/figures.ts";
import { machineText } from "./measure/machine.ts";
import { cpuSeconds, memoryOf } from "./measure/process-tree.ts";

const ZONE = "relays.bl.example";
const SIZES = [100_000, 1_000_000];
const QUESTIONS = 200_000;
/** Above the port base. */
const DNS_PORT = 53;
const MEBIBYTE = 1_048_576;

/** Half of the questions are about addresses of the list. */
const LISTED_SHARE = 0.5;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "5" },
  },
});
const rounds = Number(values.rounds);
const home = mkdtempSync(join(tmpdir(), "gatepost-bench-"));
chmodSync(home, 0o755); // rbldnsd does not stay root

/** A server that answers at a port. */
interface Running {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

interface Round {
  readonly rate: number;
  /** Microseconds of processor time an answer. */
  readonly cpu: number;
  readonly lost: number;
}

say(`${machineText()}. Load average before: ${(loadavg()[0] ?? 0).toFixed(2)}. Medians of ${rounds} rounds.\n`); // prettier-ignore
try {
  for (const size of SIZES) await compare(size);
} finally {
  rmSync(home, { recursive: true });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function compare(size: number): Promise<void> {
  const [list, empty, asked] = ["list.ip4set", "empty.ip4set", "asked"].map((name) => join(home, name)); // prettier-ignore
  if (list === undefined || empty === undefined || asked === undefined) return;
  writeFileSync(list, listOf(size));
  writeFileSync(empty, ":2:open relay: $\n192.0.2.1\n");
  writeFileSync(asked, questionsOf(size));
  say(`${size} addresses: answers a second, µs of processor time an answer, lost; and load time, MiB over an empty server`); // prettier-ignore
  for (const start of [startRbldnsd, startGatepost]) {
    const without = await start(empty);
    await setTimeout(2000);
    const base = memoryOf(without.pid).now;
    await without.stop();
    const began = performance.now();
    const server = await start(list);
    const loaded = performance.now() - began;
    await setTimeout(2000);
    const memory = (memoryOf(server.pid).now - base) / MEBIBYTE;
    await server.stop();
    say(`  ${server.name}: started with it in ${(loaded / 1000).toFixed(2)} s, ${memory.toFixed(1)} MiB more`); // prettier-ignore
  }
  const servers = [await startRbldnsd(list), await startGatepost(list)];
  const taken = new Map(servers.map((server) => [server, [] as Round[]]));
  try {
    for (const server of servers) perform(server, asked);
    for (let round = 0; round < rounds; round++)
      for (let turn = 0; turn < servers.length; turn++) {
        const server = servers[(round + turn) % servers.length];
        if (server !== undefined) taken.get(server)?.push(perform(server, asked));
      }
  } finally {
    for (const server of servers) await server.stop();
  }
  for (const [{ name }, own] of taken) {
    const [rate, cpu] = [median(own.map((one) => one.rate)), median(own.map((one) => one.cpu))];
    const lost = own.reduce((sum, one) => sum + one.lost, 0);
    say(`  ${name}: ${Math.round(rate)}/s, ${cpu.toFixed(1)} µs, ${lost} lost`);
  }
}

function perform({ port, pid }: Running, asked: string): Round {
  const before = cpuSeconds(pid);
  const args = ["-s", "127.0.0.1", "-p", String(port), "-d", asked, "-l", values.seconds, "-c", "16", "-q", "300"]; // prettier-ignore
  const { stdout, stderr } = spawnSync("dnsperf", args, { encoding: "utf8" });
  const figure = (name: string): number => {
    const [, digits] = new RegExp(`${name}:\\s+([0-9.]+)`).exec(stdout) ?? [];
    if (digits === undefined) throw new Error(`dnsperf: ${stdout}${stderr}`);
    return Number(digits);
  };
  const completed = figure("Queries completed");
  return {
    rate: figure("Queries per second"),
    cpu: ((cpuSeconds(pid) - before) / completed) * 1e6,
    lost: figure("Queries lost"),
  };
}

// ---- What is listed, and asked ----

/** Scattered over 16.0.0.0 to 207.255.255.255, in no order. */
function addressOf(i: number): string {
  const address = 0x1000_0000 + ((i * 2_654_435_761) % 0xc000_0000);
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

function listOf(size: number): string {
  const lines = Array.from({ length: size }, (_, i) => addressOf(i));
  return [":2:open relay: $", ...lines, ""].join("\n");
}

function questionsOf(size: number): string {
  const lines = Array.from({ length: QUESTIONS }, (_, i) => {
    const of = Math.random() < LISTED_SHARE ? i % size : size + i;
    return `${addressOf(of).split(".").toReversed().join(".")}.${ZONE} A`;
  });
  return [...lines, ""].join("\n");
}

// ---- Servers ----

async function startRbldnsd(file: string): Promise<Running> {
  const port = (await freePortBase()) + DNS_PORT;
  const args = ["-n", "-4", "-c", "0", "-b", `127.0.0.1/${port}`, `${ZONE}:ip4set:${file}`]; // prettier-ignore
  return started("rbldnsd", port, "/usr/sbin/rbldnsd", args, /\) started \(/);
}

async function startGatepost(file: string): Promise<Running> {
  const base = await freePortBase();
  const directory = mkdtempSync(join(home, "site-"));
  const bin = join(import.meta.dirname, "..", "bin", "gatepost");
  const made = spawnSync(bin, ["init", "--hostname", "mx.local.example", "--domain", "local.example", "--mailbox", "you@local.example", "--password", "correct horse battery", "--port-base", String(base), "--listen", "127.0.0.1", "--dir", directory], { encoding: "utf8" }); // prettier-ignore
  if (made.status !== 0) throw new Error(made.stderr);
  const zone = `listing.zone=[{ zone = "${ZONE}", kind = "addresses", ns = ["ns1.example.org"], contact = "hostmaster@example.org", files = ["${file}"] }]`;
  const clients = 'limits.dns_clients=[{ network = "127.0.0.0/8", action = "pass" }]';
  const set = [zone, clients, "log.level=warn"].flatMap((setting) => ["--set", setting]);
  const args = ["serve", "--config", join(directory, "gatepost.toml"), ...set];
  return started("Gatepost", base + DNS_PORT, bin, args, /^ready/m);
}

async function started(
  name: string,
  port: number,
  program: string,
  args: readonly string[],
  isReady: RegExp,
): Promise<Running> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const ready = new Promise<void>((resolve, reject) => {
    const hear = (octets: Buffer): void => {
      said += octets.toString();
      if (isReady.test(said)) resolve();
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("exit", () => reject(new Error(`${name}: ${said}`)));
  });
  await ready;
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} did not start`);
  return {
    name,
    port,
    pid,
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}
