/** The log: one line of JSON an event, by level, and never more of it in memory than its bound. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { openLog, silentLog, type LogLevel } from "../../src/runtime/index.ts";

/** The lines of a log of this level, read again. */
function lines(
  level: LogLevel,
  write: (log: ReturnType<typeof openLog>) => void,
): Record<string, unknown>[] {
  const written: string[] = [];
  write(openLog(level, { write: (line) => void written.push(line) }));
  assert.ok(written.every((line) => line.indexOf("\n") === line.length - 1));
  return written.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("an event has its level by name, a time that people read, and its fields", () => {
  const [line, ...more] = lines("info", (log) => log.warn("malformed header", { ip: "192.0.2.1" }));
  assert.equal(more.length, 0);
  const { time, ...rest } = line ?? {};
  assert.deepEqual(rest, { level: "warn", ip: "192.0.2.1", msg: "malformed header" });
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("what is less important than the level is not written", () => {
  const all = (level: LogLevel): unknown[] =>
    lines(level, (log) => {
      log.info("a");
      log.warn("b");
      log.error("c", { todo: "act" });
      log.flush();
    }).map(({ msg }) => msg);
  assert.deepEqual(all("info"), ["a", "b", "c"]);
  assert.deepEqual(all("warn"), ["b", "c"]);
  assert.deepEqual(all("error"), ["c"]);
  assert.deepEqual(all("silent"), []);
});

test("what a stranger sent cannot begin a line of its own", () => {
  const [line] = lines("info", (log) => log.info("session", { helo: 'x\r\n{"level":"error"}' }));
  assert.equal(line?.["helo"], 'x\r\n{"level":"error"}');
});

test("the silent log says nothing", () => {
  assert.equal(silentLog.info("x"), undefined);
  assert.equal(silentLog.flush(), undefined);
});

/** Logs much more than its heap can hold, to somebody who does not read. */
const FLOOD = `
  import { openLog } from ${JSON.stringify(new URL("../../src/runtime/index.ts", import.meta.url).href)};
  const log = openLog("info");
  for (let i = 0; i < 200_000; i++) log.info("x".repeat(1000) + i);
  process.stdout.write("alive");
`;

test("a reader that hangs does not fill the memory", async () => {
  const child = spawn(
    process.execPath,
    ["--max-old-space-size=48", "--input-type=module", "--eval", FLOOD],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const gone = once(child, "exit");
  const heard = await Promise.race([once(child.stdout, "data"), gone]);
  child.kill("SIGKILL"); // it still tries to write out what it kept
  await gone;
  assert.equal(String(heard[0]), "alive");
});
