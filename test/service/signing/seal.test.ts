/** ARC sets of ours: mailauth's own chain check takes them, one on the other, and sees what was changed or forged. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { asItLeaves } from "./as-it-leaves.ts";
import { HOSTILE } from "./hostile.ts";
import { Forwards } from "../../../src/service/receive/index.ts";
import { domainOf } from "../../support/memory-directory.ts";
import { CLIENT, ipOf, nameOf, World } from "../authentication/world.ts";
import { DOMAIN, KEYS, signed } from "./site.ts";

const LETTER = Buffer.from("From: Ann <ann@example.org>\r\nSubject: Hi\r\n\r\nHello.\r\n");
const ELSEWHERE = { ...CLIENT, ip: ipOf("198.51.100.1"), sender: "list@lists.example" };

/** The chain as the next server sees it. */
async function chainOf(world: World, message: Uint8Array): Promise<string> {
  const { arc } = await world.seen(message);
  return arc === false ? "unseen" : `${arc.status.result} ${arc.i}`;
}

for (const [name, message] of HOSTILE)
  test(`holds as it leaves: ${name}`, async () => {
    const world = new World();
    for (const octets of [1, 1000]) {
      const { sent, facts } = await world.forward(await signed(message), CLIENT, octets);
      assert.equal(facts.sealed?.instance, 1);
      assert.equal(await chainOf(world, asItLeaves(sent)), "pass 1");
    }
  });

test("a chain grows by what the next server finds, and is none without its middle", async () => {
  const world = new World();
  const once = await world.forward(await signed(LETTER));
  assert.deepEqual(once.facts, {
    kind: "seal",
    domain: DOMAIN,
    sealed: { instance: 1, arc: "none", spf: "pass", dkim: "pass,pass", dmarc: "pass" },
  });
  const twice = await world.forward(once.sent, ELSEWHERE);
  assert.deepEqual(twice.facts.sealed, {
    instance: 2,
    arc: "pass",
    spf: "none",
    dkim: "pass,pass",
    dmarc: "pass",
  });
  assert.equal(await chainOf(world, twice.sent), "pass 2");
  const thrice = (await world.forward(twice.sent, ELSEWHERE)).sent.toString();
  assert.match(thrice, /^ARC-Seal: i=3; a=rsa-sha256; cv=pass; t=\d+;\r\n\td=example\.org;/);
  assert.equal(await chainOf(world, Buffer.from(thrice)), "pass 3");
  const withoutTheSecond = thrice.replace(/ARC-Seal: i=2;[^]*?(?=ARC-Seal: i=1;)/, "");
  assert.equal(await chainOf(world, Buffer.from(withoutTheSecond)), "fail false");
});

test("what the next reader is shown cannot be changed, and the results that were found neither", async () => {
  const world = new World();
  const text = (await world.forward(await signed(LETTER))).sent.toString();
  assert.equal(await chainOf(world, Buffer.from(text)), "pass 1");
  const forgeries = [
    text.replace("Hello", "Hullo"),
    text.replace("Subject: Hi", "Subject: Ho"),
    text.replace("Subject: Hi", "Subject: Hi\r\nSubject: Ho"),
    text.replace("spf=pass", "spf=fail"),
    text.replace("cv=none", "cv=pass"),
  ];
  for (const forgery of forgeries) {
    assert.notEqual(forgery, text);
    assert.match(await chainOf(world, Buffer.from(forgery)), /^fail/, forgery);
  }
});

test("trace fields that come on top on the way do no harm", async () => {
  const world = new World();
  const { sent } = await world.forward(await signed(LETTER));
  const trace =
    "Return-Path: <x@y.example>\r\nReceived: from x by y; Sat, 28 Nov 2026 00:00:00 +0000\r\n";
  assert.equal(await chainOf(world, Buffer.concat([Buffer.from(trace), sent])), "pass 1");
});

test("a chain that breaks is said to be broken, for the new set alone, and is sealed by nobody after", async () => {
  const world = new World();
  const { sent } = await world.forward(await signed(LETTER));
  const changed = Buffer.from(sent.toString().replace("Hello", "[list] Hello"));
  const broken = await world.forward(changed, ELSEWHERE);
  assert.deepEqual(broken.facts.sealed, {
    instance: 2,
    arc: "fail",
    spf: "none",
    dkim: "fail,fail",
    dmarc: "fail",
  });
  assert.match(broken.sent.toString(), /^ARC-Seal: i=2; a=rsa-sha256; cv=fail;/);
  const after = await world.forward(broken.sent, ELSEWHERE);
  assert.equal(after.facts.reason, "its ARC chain had failed before it came here");
  assert.deepEqual(after.sent, broken.sent);
});

test("forged sets make no chain", async () => {
  const world = new World();
  const forged = (i: number): string =>
    `ARC-Seal: i=${i}; a=rsa-sha256; cv=${i === 1 ? "none" : "pass"}; d=example.org; s=gp202611r; b=AAAA\r\n` +
    `ARC-Message-Signature: i=${i}; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=gp202611r; h=from; bh=AAAA; b=AAAA\r\n` +
    `ARC-Authentication-Results: i=${i}; mx.example.org; spf=pass; dkim=pass; dmarc=pass\r\n`;
  const sets = (...instances: number[]): string => instances.map(forged).join("");
  const told: readonly (readonly [string, number | string])[] = [
    [sets(1), 2],
    [sets(2), 3],
    [sets(1, 1), 2],
    [sets(1, 2, 4), 5],
    [sets(49), 50],
    [sets(50), "it has 50 ARC sets already"],
    [sets(99), "it has 50 ARC sets already"],
    ["ARC-Seal: i=1; cv=fail\r\n", "its ARC chain had failed before it came here"],
    ["ARC-Authentication-Results: i=seven; x\r\n", 1],
    ["ARC-Seal: i=3; cv=none\r\n", 4],
  ];
  for (const [fields, expected] of told) {
    const { sent, facts } = await world.forward(Buffer.concat([Buffer.from(fields), LETTER]));
    assert.equal(facts.sealed?.instance ?? facts.reason, expected, fields);
    if (facts.sealed === undefined) continue;
    assert.equal(facts.sealed.arc, "fail");
    assert.match(sent.toString(), /^ARC-Seal: i=\d+; a=rsa-sha256; cv=fail;/);
    assert.match(await chainOf(world, sent), /^fail/);
  }
});

test("hundreds of ARC fields are read once, and ask for nothing", async () => {
  const world = new World();
  const fields = "ARC-Seal: i=1; cv=none; d=x.test; s=s; a=rsa-sha256; b=x\r\n".repeat(900);
  const { facts } = await world.forward(Buffer.concat([Buffer.from(fields), LETTER]));
  assert.equal(facts.sealed?.arc, "fail");
  assert.equal(world.resolver.asked.filter((one) => one.includes("x.test")).length, 0);
});

test("where the keys of a chain cannot be looked up it is not called broken", async () => {
  const world = new World();
  const { sent } = await world.forward(await signed(LETTER));
  const [rsa] = KEYS;
  const name = `${rsa?.selector}._domainkey.${DOMAIN}`;
  world.resolver.fails(nameOf(name), "TXT", "servfail");
  const { facts, sent: unsealed } = await world.forward(sent);
  assert.equal(facts.reason, `the DNS did not say: ${name} TXT: servfail`);
  assert.deepEqual(unsealed, sent);
});

test("no seal where it would say nothing clear", async () => {
  for (const text of [
    "To: x@y.example\r\n\r\n",
    "From: a@b.example\r\nFrom: c@d.example\r\n\r\n",
  ]) {
    const { facts } = await new World().forward(Buffer.from(text));
    assert.equal(facts.reason, "it has not exactly one From, or too many fields");
  }
});

test("where keys cannot be read it costs the seal, and nothing else", async () => {
  const { authentication } = new World();
  const openSeal = (): never => {
    throw new Error("the directory does not answer");
  };
  const check = () => authentication.open(CLIENT);
  const forward = new Forwards({ signing: { openSeal } }).open([DOMAIN], check);
  forward?.begin(LETTER);
  const reason = "the directory does not answer";
  assert.deepEqual((await forward?.finish())?.facts, { kind: "seal", domain: DOMAIN, reason });
});

test("the first of the domains that has a key seals", async () => {
  const { authentication, forwards } = new World();
  const check = () => authentication.open(CLIENT);
  assert.equal(forwards.open([domainOf("keyless.example")], check), undefined);
  const forward = forwards.open([domainOf("keyless.example"), DOMAIN], check);
  forward?.check?.begin(LETTER);
  forward?.begin(LETTER);
  assert.equal((await forward?.finish())?.facts.domain, DOMAIN);
});
