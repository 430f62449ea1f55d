/** No address fills the log: what is beyond its share is counted, others do not feel it. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { LogShares, silentLog, type Fields } from "../../src/runtime/index.ts";

/** A log of two lines a minute and address, and what it has written. */
function sharesOfTwo(t: TestContext): { log: LogShares; written: [string, Fields][] } {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const written: [string, Fields][] = [];
  const write = (event: string, fields: Fields = {}): void => void written.push([event, fields]);
  const log = new LogShares({ ...silentLog, info: write, warn: write, error: write }, 2);
  return { log, written };
}

test("an address that has had its share is counted, once a minute, and has a new one then", (t) => {
  const { log, written } = sharesOfTwo(t);
  const knock = (): void => log.info("session", { ip: "192.0.2.1" });
  for (let i = 0; i < 5; i++) knock();
  log.info("session", { ip: "192.0.2.2" });
  t.mock.timers.tick(60_000);
  knock();
  t.mock.timers.tick(60_000);
  assert.deepEqual(written, [
    ["session", { ip: "192.0.2.1" }],
    ["session", { ip: "192.0.2.1" }],
    ["session", { ip: "192.0.2.2" }],
    ["log lines left out", { ip: "192.0.2.1", lines: 3 }],
    ["session", { ip: "192.0.2.1" }],
  ]);
});

test("what somebody must look at, and what no address has caused, is always written", (t) => {
  const { log, written } = sharesOfTwo(t);
  for (let i = 0; i < 3; i++) {
    log.info("reloaded");
    log.warn("odd", { ip: "192.0.2.1" });
    log.error("broken", { ip: "192.0.2.1" });
  }
  assert.equal(written.length, 9);
});

test("more addresses than can be counted have one share", (t) => {
  const { log, written } = sharesOfTwo(t);
  for (let i = 0; i < 10_000; i++) log.info("session", { ip: `2001:db8::${i.toString(16)}` });
  for (let i = 1; i <= 5; i++) log.info("session", { ip: `192.0.2.${i}` });
  log.info("session", { ip: "2001:db8::1" });
  assert.equal(written.length, 10_003);
  t.mock.timers.tick(60_000);
  assert.deepEqual(written.at(-1), ["log lines left out", { ip: "others", lines: 3 }]);
});
