/** Who is held back, for how long, and who never is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Ip } from "../../../src/mail/index.ts";
import { parseCidr } from "../../../src/mail/index.ts";
import { ManualClock, systemRandom } from "../../../src/runtime/index.ts";
import type { AccountsSettings } from "../../../src/service/accounts/index.ts";
import { accountsSchema } from "../../../src/service/accounts/settings.ts";
import { SlowDown } from "../../../src/service/accounts/slow-down.ts";
import { ANN, HOME, ipOf } from "./office.ts";

const BOB = "bob@local.example";
const CAFE = ipOf("198.51.100.1");

/** Pauses end when the test says so. */
class Bench {
  readonly clock = new ManualClock();
  readonly slowDown: SlowDown;
  readonly #waiting: (() => void)[] = [];

  constructor(settings: Partial<AccountsSettings> = {}) {
    this.slowDown = new SlowDown({
      clock: this.clock,
      random: systemRandom,
      settings: { ...accountsSchema.parse({}), ...settings },
      pause: () => new Promise((resolve) => this.#waiting.push(resolve)),
    });
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  letGo(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** How long the attempt is held back, milliseconds. */
  async delay(name: string, ip: Ip): Promise<number | undefined> {
    const admitted = this.slowDown.admit({ name, ip });
    this.letGo();
    return admitted;
  }

  guess(name: string, ip: Ip, count: number, from = 0): void {
    for (let i = from; i < from + count; i++)
      this.slowDown.wrongPassword({ name, ip }, `guess ${i}`);
  }
}

/** An address of a network that nobody tried anything from yet. */
const elsewhere = (n: number): Ip => ipOf(`203.0.113.${n}`);

test("a device that says the same wrong password again and again slows nobody", async () => {
  const bench = new Bench();
  for (let i = 0; i < 1000; i++)
    bench.slowDown.wrongPassword({ name: ANN, ip: HOME }, "the old one");
  assert.equal(await bench.delay(ANN, HOME), 0);
  assert.equal(await bench.delay(BOB, HOME), 0);
});

test("different wrong passwords for a mailbox: five are free, then the delay doubles up to its limit", async () => {
  const bench = new Bench();
  const delays: unknown[] = [];
  for (let i = 0; i < 14; i++) {
    delays.push(await bench.delay(ANN, elsewhere(i)));
    bench.guess(ANN, elsewhere(i), 1, i);
  }
  const seconds = [0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 30, 30, 30];
  assert.deepEqual(
    delays,
    seconds.map((s) => s * 1000),
  );
  assert.equal(await bench.delay(BOB, elsewhere(1)), 0);
});

test("different wrong passwords from an address: twenty are free, over all mailboxes", async () => {
  const bench = new Bench();
  for (let i = 0; i < 20; i++) bench.guess(`user${i}@local.example`, HOME, 1);
  assert.equal(await bench.delay(ANN, HOME), 0);
  bench.guess("one.more@local.example", HOME, 1);
  assert.equal(await bench.delay(ANN, HOME), 1000);
  assert.equal(await bench.delay(ANN, CAFE), 0);
  bench.guess(BOB, CAFE, 21);
  assert.equal(await bench.delay(ANN, CAFE), 1000);
});

test("an IPv6 client has its whole /64", async () => {
  const bench = new Bench();
  for (let i = 0; i < 21; i++) bench.guess(`user${i}@local.example`, ipOf(`2001:db8::${i + 1}`), 1);
  assert.equal(await bench.delay(ANN, ipOf("2001:db8::ffff")), 1000);
  assert.equal(await bench.delay(ANN, ipOf("2001:db8:0:1::1")), 0);
});

test("wrong passwords are forgotten when they were not tried for an hour", async () => {
  const bench = new Bench();
  bench.guess(ANN, CAFE, 7);
  bench.clock.advance(3_599_999);
  assert.equal(await bench.delay(ANN, HOME), 2000);
  bench.clock.advance(1);
  assert.equal(await bench.delay(ANN, HOME), 0);
});

test("an owner is not slowed by strangers where the right password came from lately", async () => {
  const bench = new Bench();
  bench.slowDown.right({ name: ANN, ip: HOME });
  for (let i = 0; i < 50; i++) bench.guess(ANN, elsewhere(i), 1, i);
  assert.equal(await bench.delay(ANN, HOME), 0);
  assert.equal(await bench.delay(ANN, CAFE), 30_000);
  bench.clock.advance(604_800_000 - 1000);
  for (let i = 0; i < 50; i++) bench.guess(ANN, elsewhere(i), 1, i);
  assert.equal(await bench.delay(ANN, HOME), 0);
  bench.clock.advance(1000);
  assert.equal(await bench.delay(ANN, HOME), 30_000);
});

test("nor by a guesser in the same office, who is slowed at every mailbox", async () => {
  const bench = new Bench();
  bench.slowDown.right({ name: ANN, ip: HOME });
  bench.guess(BOB, HOME, 30);
  assert.equal(await bench.delay(ANN, HOME), 0);
  assert.equal(await bench.delay(BOB, HOME), 30_000);
  bench.guess(ANN, HOME, 6);
  assert.equal(await bench.delay(ANN, HOME), 1000);
});

test("what is tried from where the owner is slows no login from elsewhere", async () => {
  const bench = new Bench();
  bench.slowDown.right({ name: ANN, ip: HOME });
  bench.guess(ANN, HOME, 10);
  assert.equal(await bench.delay(ANN, CAFE), 0);
});

test("a right password of one's own buys no guesses at others", async () => {
  const bench = new Bench();
  for (let i = 0; i < 30; i++) {
    bench.slowDown.right({ name: BOB, ip: CAFE });
    bench.guess(`user${i}@local.example`, CAFE, 1);
  }
  assert.equal(await bench.delay(ANN, CAFE), 30_000);
});

test("wrong SCRAM proofs cannot be told apart: each counts for its mailbox, once for the address", async () => {
  const bench = new Bench();
  for (let i = 0; i < 50; i++) bench.slowDown.wrongProof({ name: ANN, ip: HOME });
  assert.equal(await bench.delay(ANN, HOME), 30_000);
  assert.equal(await bench.delay(BOB, HOME), 0);
  for (let i = 0; i < 20; i++)
    bench.slowDown.wrongProof({ name: `user${i}@local.example`, ip: HOME });
  assert.equal(await bench.delay(BOB, HOME), 1000);
});

test("people who share an address are slowed by mailbox alone", async () => {
  const webmail = parseCidr("192.0.2.0/28");
  assert.ok(webmail !== undefined);
  const bench = new Bench({ shared_addresses: [webmail] });
  for (let i = 0; i < 50; i++) bench.guess(`user${i}@local.example`, HOME, 1);
  assert.equal(await bench.delay(ANN, HOME), 0);
  bench.guess(ANN, HOME, 6);
  assert.equal(await bench.delay(ANN, HOME), 1000);
});

test("some wait from one address, the rest is told to come later", async () => {
  const bench = new Bench({ slowed_logins: 2 });
  bench.guess(BOB, HOME, 30);
  const [first, second, third] = [1, 2, 3].map(() => bench.slowDown.admit({ name: BOB, ip: HOME }));
  assert.equal(bench.waiting, 2);
  assert.equal(await third, undefined);
  assert.equal(await bench.delay(BOB, CAFE), 30_000); // elsewhere is another queue
  bench.letGo();
  assert.deepEqual(await Promise.all([first, second]), [30_000, 30_000]);
  assert.equal(await bench.delay(BOB, HOME), 30_000);
});

test("where many share an address, and where an owner is, nobody takes another's place", async () => {
  const webmail = parseCidr("192.0.2.7");
  assert.ok(webmail !== undefined);
  const bench = new Bench({ slowed_logins: 1, shared_addresses: [webmail] });
  bench.guess(ANN, HOME, 6);
  bench.guess(BOB, HOME, 6);
  const ann = bench.slowDown.admit({ name: ANN, ip: HOME });
  const bob = bench.slowDown.admit({ name: BOB, ip: HOME });
  assert.equal(bench.waiting, 2);
  bench.letGo();
  assert.deepEqual(await Promise.all([ann, bob]), [1000, 1000]);
});

test("memory is bounded, however many names and addresses there are", async () => {
  const bench = new Bench({ slow_down_memory: 10 });
  bench.guess(ANN, CAFE, 6);
  bench.slowDown.right({ name: BOB, ip: HOME });
  for (let i = 0; i < 10; i++) {
    bench.guess(`user${i}@local.example`, elsewhere(i), 6);
    bench.slowDown.right({ name: `user${i}@local.example`, ip: elsewhere(i) });
  }
  assert.equal(await bench.delay(ANN, HOME), 0); // forgotten
  bench.guess(BOB, CAFE, 6);
  assert.equal(await bench.delay(BOB, HOME), 1000); // no longer known
});

test("with a limit of 0 nobody waits", async () => {
  const bench = new Bench({ slow_most_ms: 0 });
  bench.guess(ANN, HOME, 100);
  assert.equal(await bench.delay(ANN, HOME), 0);
});
