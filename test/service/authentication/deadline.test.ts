/** One deadline for all that a message asks the DNS: it begins when the message is in, and what has no answer by then is never a pass. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { DnsName, RecordType, Resolution } from "../../../src/protocol/dns/index.ts";
import {
  Authentication,
  SIGNATURES_LIMIT,
  type Check,
} from "../../../src/service/authentication/index.ts";
import { rsaKey, signedBy } from "../origin/signer.ts";
import { RECORDS, signed } from "../signing/site.ts";
import { CLIENT, DEADLINE_MS, ipOf, World } from "./world.ts";

const LETTER = Buffer.from("From: Ann <ann@example.org>\r\nSubject: Hi\r\n\r\nHello.\r\n");
const STRANGER = { ...CLIENT, ip: ipOf("198.51.100.1") };

before(() => Authentication.load()); // a module that is read takes more turns than one waits here

/** A world in which some questions have no answer until the test gives one. */
class SlowWorld extends World {
  readonly #held = new Map<string, () => void>();

  constructor(...questions: readonly string[]) {
    super();
    const { resolver } = this;
    const ask = resolver.resolve.bind(resolver);
    const hold = (question: string) =>
      new Promise<void>((resolve) => void this.#held.set(question, resolve));
    resolver.resolve = async <Type extends RecordType>(
      name: DnsName,
      type: Type,
    ): Promise<Resolution<Type>> => {
      const answer = ask(name, type);
      if (questions.includes(`${name} ${type}`)) await hold(`${name} ${type}`);
      return answer;
    };
  }

  /** Answers what was asked. */
  answer(question: string): void {
    const give = this.#held.get(question);
    assert.ok(give !== undefined, question);
    give();
  }

  /** A message that is in but for its end. */
  begin(message: Uint8Array, client = CLIENT): Check {
    const check = this.authentication.open(client);
    const end = Buffer.from(message).indexOf("\r\n\r\n") + 4;
    check.begin(message.subarray(0, end));
    check.body(message.subarray(end));
    return check;
  }

  /** Whether somebody still waits after so long. */
  async waits(ended: Promise<unknown>, ms: number): Promise<boolean> {
    let over = false;
    void ended.then(() => (over = true));
    await settled();
    this.timer.advance(ms);
    await settled();
    return !over;
  }
}

/** All that can go on without an answer or the time has. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < 500; turns++) await turn();
}

const SIGNED = await signed(LETTER);
const [[SELECTOR = ""] = []] = RECORDS;
const SILENT: readonly (readonly [question: string, found: RegExp])[] = [
  ["example.org TXT", /^spf=temperror dmarc=temperror iprev=permerror$/],
  ["_dmarc.example.org TXT", /^spf=fail dmarc=temperror iprev=permerror$/],
  ["1.100.51.198.in-addr.arpa PTR", /^spf=fail dmarc=fail iprev=temperror$/],
];

for (const [question, found] of SILENT)
  test(`${question}: waited for until the deadline, and unknown then`, async () => {
    const world = new SlowWorld(question);
    const ended = world.begin(LETTER, STRANGER).finish();
    assert.ok(await world.waits(ended, DEADLINE_MS - 1));
    assert.ok(!(await world.waits(ended, 1)));
    const { spf, dmarc, iprev } = await ended;
    assert.match(`spf=${spf} dmarc=${dmarc} iprev=${iprev}`, found);
    assert.equal(world.timer.pending, 0);
  });

test("a key that nobody answers for in time makes no signature hold", async () => {
  const world = new SlowWorld(`${SELECTOR}._domainkey.example.org TXT`);
  const ended = world.begin(SIGNED, STRANGER).finish();
  assert.ok(await world.waits(ended, DEADLINE_MS - 1));
  assert.ok(!(await world.waits(ended, 1)));
  const { dkim, dmarc } = await ended;
  assert.ok(dkim.includes("temperror"), dkim.join());
  assert.equal(dmarc, "pass", "the other signature's key was there");
});

test("one question after the other has no more time than one alone", async () => {
  const world = new SlowWorld("example.org TXT", "a.test TXT", "b.test TXT");
  world
    .txt("example.org", "v=spf1 include:a.test include:b.test -all")
    .txt("a.test", "v=spf1 -all");
  const ended = world.begin(LETTER).finish();
  assert.ok(await world.waits(ended, DEADLINE_MS - 2));
  world.answer("example.org TXT");
  assert.ok(await world.waits(ended, 1));
  world.answer("a.test TXT");
  assert.ok(!(await world.waits(ended, 1)), "b.test is not waited for");
  assert.equal((await ended).spf, "temperror");
});

test("after it nothing is asked", async () => {
  const world = new SlowWorld("example.org TXT").txt("example.org", "v=spf1 include:a.test -all");
  const ended = world.begin(LETTER).finish();
  await world.waits(ended, DEADLINE_MS);
  assert.equal((await ended).unknown, "the DNS did not say: example.org TXT: timeout");
  world.answer("example.org TXT");
  await settled();
  assert.ok(!world.resolver.asked.includes("a.test TXT"));
});

test("what is asked while the message comes takes none of it", async () => {
  const world = new SlowWorld("example.org TXT");
  const check = world.begin(LETTER);
  await settled();
  world.timer.advance(100 * DEADLINE_MS);
  const ended = check.finish();
  assert.ok(await world.waits(ended, DEADLINE_MS - 1));
  world.answer("example.org TXT");
  assert.ok(!(await world.waits(ended, 0)));
  assert.equal((await ended).spf, "pass");
});

test("the time of a message that had all its answers runs no longer", async () => {
  const world = new SlowWorld();
  await world.begin(SIGNED).finish();
  assert.equal(world.timer.pending, 0);
});

test("a client's name, asked for by itself, has the same time", async () => {
  const world = new SlowWorld("1.100.51.198.in-addr.arpa PTR");
  const ended = world.authentication.iprev(STRANGER.ip);
  assert.ok(await world.waits(ended, DEADLINE_MS - 1));
  assert.ok(!(await world.waits(ended, 1)));
  assert.equal(await ended, "temperror");
});

test("an author with many names below him uses up no question about another one", async () => {
  const slow = "_dmarc.sub.example.org TXT";
  const world = new SlowWorld(slow).txt("_dmarc.evil.test", "v=DMARC1; p=none");
  const key = rsaKey(1024);
  let message = "From: a@sub.example.org, e@evil.test\r\nSubject: Hi\r\n\r\nHello.\r\n";
  for (let i = 0; i < SIGNATURES_LIMIT; i++) {
    const domain = `${["a", "b", "c", "d", "e", "f"].map((label) => `${label}${i}`).join(".")}.evil.test`;
    world.txt(`s._domainkey.${domain}`, key.record);
    message = signedBy(key, message, { d: domain });
  }
  const ended = world.begin(Buffer.from(message), STRANGER).finish();
  assert.ok(await world.waits(ended, 0));
  world.answer(slow);
  const { dkim, dmarc, policy, author } = await ended;
  assert.ok(dkim.length === SIGNATURES_LIMIT && dkim.every((result) => result === "pass"));
  assert.deepEqual([dmarc, policy, author], ["fail", "reject", "sub.example.org"]);
});
