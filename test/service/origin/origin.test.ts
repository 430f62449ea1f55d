/** What is made of a stranger's origin: for whom it is asked, whom it never keeps out, what of it is told, and what no stranger can say himself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sessionText } from "../../../src/operate/journal/text.ts";
import { wholeEvents, type PeerTrust } from "../../../src/mail/index.ts";
import { levelOf, type Caller } from "../../../src/policy/identity/index.ts";
import { Origins } from "../../../src/service/receive/index.ts";
import { CLIENT, World } from "../authentication/world.ts";
import { DOMAIN } from "../signing/site.ts";
import { HOSTNAME, ipOf, LETTER, OriginSite, USER } from "./site.ts";
import { rsaKey, signedBy } from "./signer.ts";
import type { Zone } from "./zone.ts";

const KEY = rsaKey(2048);
const REJECTING: Zone = {
  "author.example": { TXT: ["v=spf1 -all"] },
  "_dmarc.author.example": { TXT: ["v=DMARC1; p=reject"] },
};
const POSTMASTER = ["postmaster", "postmaster@local.example", "abuse@local.example"];
const STRICT = { spf: "refuse", dkim: "refuse", iprev: "refuse", dnsFailure: "defer" } as const;

test("postmaster and abuse are reached whatever is wrong, and see what it is", async () => {
  for (const to of POSTMASTER) {
    const arrived = await new OriginSite(REJECTING, STRICT).arrive({ to: [to] });
    assert.match(arrived.reply, /^250 /, to);
    assert.deepEqual(arrived.marks, ["dmarc=fail (p=reject)", "spf=fail", "iprev=permerror"]);
  }
  const together = await new OriginSite(REJECTING).arrive({ to: POSTMASTER });
  assert.match(together.reply, /^250 /);
});

test("but nobody beside them", async () => {
  const { reply } = await new OriginSite(REJECTING).arrive({ to: ["postmaster", USER] });
  assert.match(reply, /^550 5\.7\.26 .*author\.example/);
});

test("they are reached while the DNS is silent", async () => {
  const zone: Zone = { "_dmarc.author.example": { fails: ["TXT", "timeout"] } };
  const site = new OriginSite(zone, STRICT);
  assert.match((await site.arrive()).reply, /^451 4\.4\.3 /);
  const { reply, marks } = await site.arrive({ to: ["postmaster"] });
  assert.match(reply, /^250 /);
  assert.deepEqual(marks, ["dmarc=temperror", "iprev=permerror"]);
});

/** Callers that have shown a certificate, and whether their mail is marked for what another's is refused. */
const CALLERS: readonly (readonly [string, Caller, boolean])[] = [
  ["a pinned peer", peerBy({ kind: "pin", keys: [] }), true],
  [
    "a peer of a private authority",
    peerBy({ kind: "private authority", authority: "PEM", names: [] }),
    true,
  ],
  ["a peer of a public authority", peerBy({ kind: "public authority", names: [] }), false],
  ["a server that shows its own name", { kind: "named", names: [] }, false],
  ["who shows what is worth nothing", { kind: "nobody", reason: "expired" }, false],
];

function peerBy(trust: PeerTrust): Caller {
  if (trust.kind === "public authority")
    return { kind: "peer", level: "certificate", peer: { name: "p", trust, relays: [] } };
  return { kind: "peer", level: "pinned", peer: { name: "p", trust, relays: [] } };
}

for (const [name, caller, spared] of CALLERS)
  test(`${name}: ${spared ? "marked and taken" : "judged as anybody"}`, async () => {
    const failing = await new OriginSite(REJECTING, STRICT).arrive({ caller });
    assert.ok(failing.reply.startsWith(spared ? "250 " : "550 5.7.26 "), failing.reply);
    assert.deepEqual(
      [failing.event?.spf, failing.event?.dmarc],
      ["fail", "fail"],
      "in the journal",
    );
    const silent: Zone = { "_dmarc.author.example": { fails: ["TXT", "timeout"] } };
    const later = await new OriginSite(silent, STRICT).arrive({ caller });
    assert.ok(later.reply.startsWith(spared ? "250 " : "451 4.4.3 "), later.reply);
    if (!spared) return;
    const marks = ["dmarc=fail (p=reject)", "spf=fail", "iprev=permerror"];
    assert.deepEqual(failing.marks, marks);
    assert.ok(
      failing.results.some((text) => text.startsWith("dmarc=fail ")),
      "for the reader",
    );
    assert.deepEqual(later.marks, ["dmarc=temperror", "iprev=permerror"]);
  });

test("clients within are not asked about, so that a machine without DNS gets its mail at once", async () => {
  for (const ip of ["127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "fe80::1", "fd00::1"]) {
    const site = new OriginSite(REJECTING, STRICT, false);
    const arrived = await site.arrive({ ip });
    assert.match(arrived.reply, /^250 /, ip);
    assert.deepEqual([arrived.results, arrived.marks, arrived.event], [[], [], undefined]);
    assert.deepEqual(site.resolver.asked, []);
  }
  const site = new OriginSite(REJECTING, STRICT, false);
  assert.match((await site.arrive({ ip: "8.8.4.4" })).reply, /^550 /);
});

test("the results stand below our trace and above all else, folded, in ASCII", async () => {
  const message = `From: Ann <ann@author.example>\r\nSubject: Gr\u00fc\u00dfe\r\n\r\nHello.\r\n`;
  const zone: Zone = { "author.example": { TXT: ["v=spf1 ~all"] } };
  const { stored } = await new OriginSite(zone).arrive({ message, sender: '"a;b"@author.example' });
  const [head = ""] = stored.split("From: Ann", 1);
  assert.match(
    head,
    /^Return-Path: [^\r]+\r\nReceived: (?:[^\r]+\r\n[ \t])+[^\r]+\r\nAuthentication-Results: mx\.local\.example;\r\n\tdkim=none [^]*\r\nX-Gatepost-Mark: spf=softfail\r\n$/,
  );
  assert.match(head, /^[\t\r\n -~]*$/);
  for (const line of head.split("\r\n")) assert.ok(line.length <= 120, line);
});

test("nobody else speaks in our name", async () => {
  const forged = [
    `Authentication-Results: ${HOSTNAME}; dmarc=pass header.from=author.example`,
    "X-Gatepost-Mark: none",
    "x-gatepost-mark : dmarc=pass",
    "X-GATEPOST-MARK:\r\n folded",
    "Authentication-Results: mx.other.example; spf=pass",
  ];
  const message = `${forged.join("\r\n")}\r\n${LETTER}`;
  const { stored, marks } = await new OriginSite().arrive({ message });
  assert.deepEqual(marks, []);
  assert.doesNotMatch(stored, /gatepost-mark/i);
  assert.equal([...stored.matchAll(/^Authentication-Results: mx\.local/gm)].length, 1);
  assert.match(stored, /^Authentication-Results: mx\.other\.example; spf=pass\r$/m);
  const within = await new OriginSite({}, {}, false).arrive({ message, ip: "127.0.0.1" });
  assert.doesNotMatch(within.stored, /gatepost-mark|mx\.local\.example; dmarc/i);
});

test("servers of a stranger that never answer take no time from the author's key and policy", async () => {
  const slow = Array.from({ length: 7 }, (_, i) => {
    const tags = { d: "slow.example", s: `s${i}` };
    return signedBy(KEY, LETTER, tags).slice(0, -LETTER.length);
  }).join("");
  for (const [message, expected] of [
    [slow + LETTER, /^550 5\.7\.26 /],
    [slow + signedBy(KEY, LETTER), /^250 /],
  ] as const) {
    const site = new OriginSite({
      ...REJECTING,
      "s._domainkey.author.example": { TXT: [KEY.record] },
    });
    const { resolver } = site;
    const ask = resolver.resolve.bind(resolver);
    resolver.resolve = (name, type) =>
      name.endsWith("slow.example") ? new Promise(() => {}) : ask(name, type);
    void site.expire();
    const { reply } = await site.arrive({ message, sender: "a@slow.example" });
    assert.match(reply, expected);
  }
});

for (const [dnsFailure, expected] of [
  ["unknown", "250 "],
  ["defer", "451 4.4.3 "],
] as const)
  test(`what the DNS has not said in time is ${dnsFailure}, where that is set`, async () => {
    const site = new OriginSite(REJECTING, { dnsFailure });
    const { resolver } = site;
    const ask = resolver.resolve.bind(resolver);
    resolver.resolve = (name, type) =>
      name.startsWith("_dmarc") ? new Promise(() => {}) : ask(name, type);
    void site.expire();
    const { reply, event, marks } = await site.arrive();
    assert.ok(reply.startsWith(expected), reply);
    assert.equal(event?.dmarc, "temperror");
    if (dnsFailure === "unknown") assert.deepEqual(marks, ["dmarc=temperror", "spf=fail"]);
  });

test("a key is asked for while the body comes", async () => {
  const world = new World();
  const check = world.authentication.open(CLIENT);
  check.begin(Buffer.from(signedBy(KEY, LETTER).split("\r\n\r\n")[0] + "\r\n\r\n"));
  for (let turns = 0; turns < 1000; turns++) await new Promise(setImmediate);
  assert.ok(world.resolver.asked.includes("s._domainkey.author.example TXT"));
});

test("a form that is like no mail's does not get a forgery past the author's wish", async () => {
  const long = `X-Long: ${`${"x".repeat(900)}\r\n `.repeat(78)}\r\n`;
  const zone: Zone = { ...REJECTING, "s._domainkey.author.example": { TXT: [KEY.record] } };
  const odd = [
    long + LETTER,
    LETTER + "x".repeat(70_000),
    long + LETTER.replace("<ann@author.example>", "<ann@author.example> (oops"),
  ];
  for (const message of odd) {
    const { reply } = await new OriginSite(zone).arrive({ message });
    assert.match(reply, /^550 5\.7\.26 /);
  }
  const honest = { "author.example": { TXT: ["v=spf1 +all"] } };
  const { reply } = await new OriginSite({ ...zone, ...honest }).arrive({ message: long + LETTER });
  assert.match(reply, /^250 /, "SPF still speaks for it");
});

test("a name below the author's that nobody answers for is unknown, and told", async () => {
  const zone: Zone = {
    ...REJECTING,
    "s._domainkey.lame.author.example": { fails: ["TXT", "servfail"] },
  };
  const message = signedBy(KEY, LETTER, { d: "lame.author.example" });
  const { reply, marks } = await new OriginSite(zone).arrive({ message });
  assert.match(reply, /^250 /);
  assert.deepEqual(marks, ["dmarc=temperror", "spf=fail"]);
  const elsewhere = signedBy(KEY, LETTER, { d: "lame.example" });
  const other: Zone = { ...REJECTING, "s._domainkey.lame.example": { fails: ["TXT", "servfail"] } };
  assert.match((await new OriginSite(other).arrive({ message: elsewhere })).reply, /^550 /);
});

test("a forward is sealed from the one check that the message was judged by", async () => {
  const world = new World();
  let opened = 0;
  const origin = new Origins({
    authentication: {
      open: (client) => {
        opened++;
        return world.authentication.open(client);
      },
    },
    forwards: world.forwards,
    enabled: true,
    privateClients: true,
  }).open([DOMAIN], CLIENT);
  assert.ok(origin?.forward !== undefined);
  origin.begin(Buffer.from("From: Ann <ann@example.org>\r\n\r\n"), Buffer.from("Hello.\r\n"));
  const results = await origin.results();
  const { facts } = await origin.forward.finish();
  assert.equal(opened, 1);
  assert.equal(results?.spf, "pass");
  assert.equal(facts.sealed?.spf, "pass");
  assert.equal(new Set(world.resolver.asked).size, world.resolver.asked.length);
});

test("where nothing is asked for nothing is opened", () => {
  const none = { open: () => assert.fail("a check was opened") };
  const deps = { authentication: none, forwards: { open: () => undefined } };
  const off = new Origins({ ...deps, enabled: false, privateClients: true });
  assert.equal(off.open([], CLIENT), undefined);
  const within = new Origins({ ...deps, enabled: true, privateClients: false });
  assert.equal(within.open([], { ...CLIENT, ip: ipOf("127.0.0.1") }), undefined);
});

test("explain shows who it is from, and on what that rests", async () => {
  const zone: Zone = {
    ...REJECTING,
    "s._domainkey.author.example": { TXT: [KEY.record] },
    "author.example": { fails: ["TXT", "timeout"] },
  };
  const { facts } = await new OriginSite(zone).arrive({ message: signedBy(KEY, LETTER) });
  const { session, at, ip } = facts;
  const read = { ...facts, events: wholeEvents(facts.events) };
  const text = sessionText({ session, at, lastAt: at, count: 1, ip: ipOf(ip), facts: read });
  assert.match(text, / origin aligned, author author\.example\n/);
  assert.match(
    text,
    / spf=temperror \(author\.example\) dkim=pass dmarc=pass arc=none iprev=permerror\n/,
  );
});

test("the best that is known of a caller is its level", () => {
  const peer = { name: "p", trust: { kind: "pin", keys: [] }, relays: [] } as const;
  const pinned = { kind: "peer", peer, level: "pinned" } as const;
  assert.equal(levelOf({}), "none");
  assert.equal(levelOf({ iprev: "pass" }), "forward-confirmed");
  assert.equal(levelOf({ iprev: "fail", dmarc: "none" }), "none");
  assert.equal(levelOf({ iprev: "pass", dmarc: "pass" }), "aligned");
  assert.equal(
    levelOf({ dmarc: "pass", caller: { kind: "nobody", reason: "expired" } }),
    "aligned",
  );
  assert.equal(levelOf({ caller: { kind: "named", names: [] } }), "certificate");
  assert.equal(levelOf({ dmarc: "pass", caller: pinned }), "pinned");
});
