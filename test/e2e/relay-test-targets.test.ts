/** `gatepost test --targets`: a hundred servers of a file side by side, no more at once than is said, a line for each. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { ScriptedServer, type Talk } from "../support/scripted-server.ts";

const GATEPOST = join(import.meta.dirname, "../../bin/gatepost");

const SERVERS = 100;
const AT_ONCE = 7;

async function testTargets(t: TestContext, lines: readonly string[], ...args: readonly string[]) {
  const dir = mkdtempSync(join(tmpdir(), "gatepost-targets-"));
  t.after(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, "servers"), `${lines.join("\n")}\n`);
  const child = spawn(GATEPOST, ["test", "--targets", "servers", ...args], {
    cwd: dir,
    env: { ...process.env, XDG_STATE_HOME: join(dir, "state") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]); // prettier-ignore
  return { lines: out.trimEnd().split("\n"), err, code: child.exitCode };
}

test("a hundred servers, seven at once", async (t) => {
  const servers: ScriptedServer[] = [];
  const talking = new Set<Talk>();
  let most = 0;
  const answer = (command: string, talk: Talk): string | undefined => {
    if (command === "QUIT") talking.delete(talk);
    else talking.add(talk);
    most = Math.max(most, talking.size);
    return /^(?:RCPT|DATA)/.test(command) ? "550 5.7.1 no relaying" : undefined;
  };
  for (let i = 0; i < SERVERS; i++) servers.push(await ScriptedServer.open(t, { answer }));
  const targets = servers.map(({ port }) => `127.0.0.1:${port}`);
  const file = ["# all of them", ...targets];
  const vector = ["--vector", "R01", "--connections", String(AT_ONCE)];
  const { lines, err, code } = await testTargets(t, file, ...vector);
  assert.deepEqual([err, code], ["", 0]);
  const closed = targets.map((target) => `Closed: ${target} refused everything that it must refuse.`); // prettier-ignore
  assert.deepEqual(lines.toSorted(), closed.toSorted());
  assert.equal(most, AT_ONCE);
});

test("what cannot be tested is a line too, and the worst is the exit code", async (t) => {
  const answer = (command: string): string | undefined =>
    command.startsWith("RCPT") ? "550 5.7.1 no relaying" : undefined;
  const { port } = await ScriptedServer.open(t, { answer });
  const file = [`127.0.0.1:${port} # ours`, "", "no such name", "127.0.0.1:1"];
  const { lines, code } = await testTargets(t, file, "--vector", "R01", "--connections", "1");
  assert.equal(code, 2);
  assert.equal(lines.length, 3, lines.join("\n"));
  const [closed, malformed, silent] = lines;
  assert.match(closed ?? "", /^Closed: /);
  assert.match(malformed ?? "", /^Not tested: "no such name" is no server/);
  assert.match(silent ?? "", /^Not tested: nobody answers at 127\.0\.0\.1:1 /);
});
