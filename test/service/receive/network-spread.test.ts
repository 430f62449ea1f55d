/** A trusted address that speaks for too many strangers to too many places is held, once told, and free again after an hour. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatStatus, parseAddress, parseIp, type Ip } from "../../../src/mail/index.ts";
import { judgeSpread } from "../../../src/policy/checks/index.ts";
import { ManualClock, silentLog } from "../../../src/runtime/index.ts";
import { NetworkSpread } from "../../../src/service/receive/index.ts";
import { domainOf } from "../../support/memory-directory.ts";

const MINUTE = 60_000;

class Watch {
  readonly clock = new ManualClock();
  readonly events: string[] = [];
  readonly spread: NetworkSpread;

  constructor(limit: number) {
    this.spread = new NetworkSpread({
      clock: this.clock,
      log: {
        ...silentLog,
        error: (event, fields) => this.events.push(`${event} ${String(fields?.["ip"])}`),
      },
      limit,
      isOurs: (domain) => domain === "local.example",
    });
  }

  /** What a recipient is answered; "" when it passes. */
  send(sender: string, to: string, ip = "192.0.2.17"): string {
    const reversePath = sender === "<>" ? null : parseAddress(sender);
    if (typeof reversePath === "string") throw new Error(reversePath);
    const from: Ip = parseIp(ip) ?? assert.fail();
    const facts = this.spread.ask({
      ip: from,
      network: "192.0.2.16/28",
      reversePath,
      to: domainOf(to),
    });
    const verdict = judgeSpread(facts);
    return verdict.action === "continue" ? "" : `${verdict.action} ${formatStatus(verdict.status)}`;
  }
}

/** So many senders, each to so many places; the answers that are not a yes. */
function spread(watch: Watch, senders: number, places: number): string[] {
  const answers: string[] = [];
  for (let s = 0; s < senders; s++)
    for (let p = 0; p < places; p++) answers.push(watch.send(`x@s${s}.example`, `p${p}.example`));
  return answers.filter((answer) => answer !== "");
}

test("up to the limit it passes; the first beyond is held, and everything after", () => {
  assert.deepEqual(spread(new Watch(12), 3, 4), []);
  const watch = new Watch(12);
  spread(watch, 3, 4);
  assert.equal(
    watch.send("x@s9.example", "p0.example"),
    "defer 450 4.7.1 mail from your address is held for 60 more minutes: " +
      "4 foreign sender domains and 4 recipient domains within an hour",
  );
  assert.notEqual(watch.send("ann@local.example", "p0.example"), "");
  assert.notEqual(watch.send("x@s0.example", "p0.example"), "");
});

test("our own senders may send to everywhere", () => {
  const watch = new Watch(12);
  for (let i = 0; i < 100; i++) assert.equal(watch.send("news@local.example", `p${i}.example`), "");
  assert.deepEqual(watch.events, []);
});

test("a single foreign sender to many places is many", () => {
  const watch = new Watch(12);
  const answers = Array.from({ length: 14 }, (_, i) => watch.send("<>", `p${i}.example`));
  assert.equal(answers.filter((answer) => answer === "").length, 12);
});

test("senders at an address literal are strangers, each of its own", () => {
  const watch = new Watch(1);
  assert.equal(watch.send("x@[192.0.2.17]", "p.example"), "");
  assert.notEqual(watch.send("x@[192.0.2.18]", "p.example"), "");
});

test("the same again is no more", () => {
  const watch = new Watch(1);
  for (let i = 0; i < 50; i++) assert.equal(watch.send("x@s.example", "p.example"), "");
});

test("one event for each time it is held, and the address is free after the hour however often it tries", () => {
  const watch = new Watch(3);
  spread(watch, 2, 2);
  for (let minute = 0; minute < 59; minute++) {
    watch.clock.advance(MINUTE);
    assert.notEqual(watch.send("x@s.example", "p.example"), "");
  }
  assert.deepEqual(watch.events, ["trusted address held 192.0.2.17"]);
  watch.clock.advance(MINUTE);
  assert.equal(watch.send("x@s.example", "p.example"), "");
  spread(watch, 2, 2);
  assert.equal(watch.events.length, 2);
});

test("what is more than an hour old does not count", () => {
  const watch = new Watch(3);
  for (let i = 0; i < 20; i++) {
    watch.clock.advance(60 * MINUTE);
    assert.equal(watch.send(`x@s${i}.example`, `p${i}.example`), "");
  }
});

test("one address is held, not its neighbour", () => {
  const watch = new Watch(3);
  spread(watch, 2, 2);
  assert.equal(watch.send("x@s.example", "p.example", "192.0.2.18"), "");
});
