/** Holds idle connections from a process of their own while something is done. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { clientPath, LOAD_LIMIT } from "./client.ts";

export async function whileHolding<Result>(
  port: number,
  connections: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const args = [clientPath("idle-connections.ts"), String(port), String(connections)];
  const client = spawn(process.execPath, args, {
    stdio: ["pipe", "pipe", "inherit"],
    timeout: LOAD_LIMIT,
  });
  const ended = once(client, "exit");
  const first = await Promise.race([once(client.stdout, "data"), ended]);
  assert.equal(String(first[0]), "held\n", "the connections could not be held");
  const result = await work();
  client.stdin.end();
  await ended;
  assert.equal(client.exitCode, 0, "the client of idle connections failed");
  return result;
}
