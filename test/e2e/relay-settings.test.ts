/** A server does not start, and does not reload, with a network that may not be trusted; `gatepost check` says the same. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { ConfigError } from "../../src/config/index.ts";
import { ANY_PORTS, newSite } from "./site.ts";

const UNSAFE = 'relay.networks=[{ network = "127.0.0.1", reason = "the web application" }]';
const ACCEPTED =
  'relay.networks=[{ network = "127.0.0.1", reason = "the web application", accepts = ["this-machine"] }]';
const IN_BOTH = 'relay.domains=[{ domain = "local.example", host = "10.0.0.5" }]';

const GATEPOST = join(import.meta.dirname, "../../bin/gatepost");

async function check(file: string, setting: string): Promise<{ code: number; said: string }> {
  try {
    const args = ["check", "--config", file, "--set", setting];
    const { stdout } = await promisify(execFile)(GATEPOST, args);
    return { code: 0, said: stdout };
  } catch (error) {
    assert.ok(error instanceof Error && "stderr" in error && "code" in error);
    return { code: Number(error.code), said: String(error.stderr) };
  }
}

test("at start, at a reload and by check", async (t) => {
  const site = await newSite();
  t.after(() => site.remove());
  const unsafe = /relay\.networks\.0: 127\.0\.0\.1\/32 holds loopback/;
  for (const [setting, problem] of [
    [UNSAFE, unsafe],
    [IN_BOTH, /relay\.domains\.0\.domain: local\.example has 1 mailbox here/],
  ] as const) {
    await assert.rejects(site.serve([...ANY_PORTS, setting]), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, problem);
      return true;
    });
    const { code, said } = await check(site.file, setting);
    assert.equal(code, 1);
    assert.match(said, problem);
  }

  const server = await site.serve([...ANY_PORTS, ACCEPTED]);
  try {
    await assert.rejects(server.reload([...ANY_PORTS, UNSAFE]), unsafe);
    await server.reload([...ANY_PORTS, ACCEPTED]);
    const { code, said } = await check(site.file, ACCEPTED);
    assert.equal(code, 0);
    assert.match(said, /127\.0\.0\.1\/32 +trusted network: the web application +anywhere/);
  } finally {
    await server.stop();
  }
});
