/** A trusted address that speaks for too many strangers to too many places is held, once told, and free again after an hour. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatStatus,
  parseAddress,
  parseIp,
  type Address,
  type Ip,
} from "../../../src/mail/index.ts";
import { spreadCheck, type SpreadSubject } from "../../../src/policy/checks/index.ts";
import { ManualClock, silentLog } from "../../../src/runtime/index.ts";
import { NetworkSpread } from "../../../src/service/receive/index.ts";

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
  async send(
    sender: string,
    to: string,
    client: Partial<SpreadSubject["client"]> = {},
  ): Promise<string> {
    return this.ask({
      client: { ip: ip("192.0.2.17"), network: "192.0.2.16/28", ...client },
      reversePath: sender === "<>" ? null : address(sender),
      forwardPath: address(`x@${to}`),
      route: { recipient: "foreign domain" },
    });
  }

  async ask(subject: SpreadSubject): Promise<string> {
    const check = spreadCheck(this.spread);
    const verdict = check.judge(await check.gather(subject));
    return "status" in verdict ? `${verdict.action} ${formatStatus(verdict.status)}` : "";
  }
}

function address(text: string): Address {
  const parsed = parseAddress(text);
  return typeof parsed === "string" ? assert.fail(text) : parsed;
}

function ip(text: string): Ip {
  return parseIp(text) ?? assert.fail(text);
}

/** So many senders, each to so many places; the answers that are not a yes. */
async function spread(watch: Watch, senders: number, places: number): Promise<string[]> {
  const answers: string[] = [];
  for (let s = 0; s < senders; s++)
    for (let p = 0; p < places; p++)
      answers.push(await watch.send(`x@s${s}.example`, `p${p}.example`));
  return answers.filter((answer) => answer !== "");
}

test("up to the limit it passes; the first beyond is held, and everything after", async () => {
  assert.deepEqual(await spread(new Watch(12), 3, 4), []);
  const watch = new Watch(12);
  await spread(watch, 3, 4);
  assert.equal(
    await watch.send("x@s9.example", "p0.example"),
    "defer 450 4.7.1 mail from your address is held for 60 more minutes: " +
      "4 foreign sender domains and 4 recipient domains within an hour",
  );
  assert.notEqual(await watch.send("ann@local.example", "p0.example"), "");
  assert.notEqual(await watch.send("x@s0.example", "p0.example"), "");
});

test("our own senders may send to everywhere", async () => {
  const watch = new Watch(12);
  for (let i = 0; i < 100; i++)
    assert.equal(await watch.send("news@local.example", `p${i}.example`), "");
  assert.deepEqual(watch.events, []);
});

test("a single foreign sender to many places is many", async () => {
  const watch = new Watch(12);
  const answers: string[] = [];
  for (let i = 0; i < 14; i++) answers.push(await watch.send("<>", `p${i}.example`));
  assert.equal(answers.filter((answer) => answer === "").length, 12);
});

test("senders at an address literal are strangers, each of its own", async () => {
  const watch = new Watch(1);
  assert.equal(await watch.send("x@[192.0.2.17]", "p.example"), "");
  assert.notEqual(await watch.send("x@[192.0.2.18]", "p.example"), "");
});

test("the same again is no more", async () => {
  const watch = new Watch(1);
  for (let i = 0; i < 50; i++) assert.equal(await watch.send("x@s.example", "p.example"), "");
});

test("one event for each time it is held, and the address is free after the hour however often it tries", async () => {
  const watch = new Watch(3);
  await spread(watch, 2, 2);
  for (let minute = 0; minute < 59; minute++) {
    watch.clock.advance(MINUTE);
    assert.notEqual(await watch.send("x@s.example", "p.example"), "");
  }
  assert.deepEqual(watch.events, ["trusted address held 192.0.2.17"]);
  watch.clock.advance(MINUTE);
  assert.equal(await watch.send("x@s.example", "p.example"), "");
  await spread(watch, 2, 2);
  assert.equal(watch.events.length, 2);
});

test("what is more than an hour old does not count", async () => {
  const watch = new Watch(3);
  for (let i = 0; i < 20; i++) {
    watch.clock.advance(60 * MINUTE);
    assert.equal(await watch.send(`x@s${i}.example`, `p${i}.example`), "");
  }
});

test("one address is held, not its neighbour", async () => {
  const watch = new Watch(3);
  await spread(watch, 2, 2);
  assert.equal(await watch.send("x@s.example", "p.example", { ip: ip("192.0.2.18") }), "");
});

test("only what leaves by the network's right is counted: not a login's, not what stays or an alias sends on", async () => {
  const watch = new Watch(1);
  const subject: SpreadSubject = {
    client: { ip: ip("192.0.2.17"), network: "192.0.2.16/28" },
    reversePath: null,
    forwardPath: address("x@p.example"),
    route: { recipient: "foreign domain" },
  };
  const { ip: from } = subject.client;
  for (let i = 0; i < 5; i++) {
    assert.equal(await watch.send("<>", `p${i}.example`, { login: "ann@local.example" }), "");
    assert.equal(
      await watch.ask({
        ...subject,
        forwardPath: address(`x@r${i}.example`),
        client: { ip: from },
      }),
      "",
    );
    for (const recipient of ["mailbox", "alias", "role", "unknown mailbox"] as const)
      assert.equal(
        await watch.ask({
          ...subject,
          forwardPath: address(`x@q${i}.example`),
          route: { recipient },
        }),
        "",
      );
    assert.equal(await watch.ask({ ...subject, forwardPath: "postmaster" }), "");
  }
  assert.equal(await watch.ask(subject), "");
  assert.match(await watch.send("x@s.example", "other.example"), /^defer 450 4\.7\.1 /);
});
