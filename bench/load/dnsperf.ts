/** Questions about a list by dnsperf, so many at once for so long. */
import assert from "node:assert/strict";
import { run } from "../../test/interop/support/programs.ts";
import { LOAD_LIMIT } from "./client.ts";

/** Clients (ports of their own, so that a server's threads have their shares), and questions under way. */
const CLIENTS = 16;
const UNDER_WAY = 300;

export interface Asked {
  readonly answers: number;
  readonly lost: number;
  /** Answers a second. */
  readonly rate: number;
}

export async function askByDnsperf(port: number, file: string, seconds: number): Promise<Asked> {
  const load = ["-l", seconds, "-c", CLIENTS, "-q", UNDER_WAY].map(String);
  const args = ["-s", "127.0.0.1", "-p", String(port), "-d", file, ...load];
  const { code, stdout, said } = await run("/usr/bin/dnsperf", args, { timeLimit: LOAD_LIMIT });
  assert.equal(code, 0, said);
  const figure = (name: string): number => {
    const [, digits] = new RegExp(`${name}:\\s+([0-9.]+)`).exec(stdout.toString()) ?? [];
    assert.ok(digits !== undefined, said);
    return Number(digits);
  };
  return {
    answers: figure("Queries completed"),
    lost: figure("Queries lost"),
    rate: figure("Queries per second"),
  };
}
