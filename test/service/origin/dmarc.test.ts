/** DMARC (RFC 9989) in real sessions: whose mail it is, what its author's domain asks for, and what is done. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CLIENT_IP, OriginSite, type Arriving } from "./site.ts";
import { rsaKey, signedBy } from "./signer.ts";
import type { Zone } from "./zone.ts";

const KEY = rsaKey(2048);

interface DmarcCase extends Arriving {
  /** From, where it is not that of the zone's author. */
  readonly from?: string;
  /** Fields in place of From. */
  readonly fields?: string;
  /** d= of a signature that holds. */
  readonly signer?: string;
  readonly zone?: Zone;
  /** dmarc, and the policy of a failure. */
  readonly result: string;
  readonly reply?: "250" | "550" | "451";
  readonly marks?: readonly string[];
  readonly level?: string;
}

const policy = (text: string): Zone => ({ "_dmarc.author.example": { TXT: [text] } });
const REJECT = policy("v=DMARC1; p=reject");
const QUARANTINE = policy("v=DMARC1; p=quarantine");
const NONE = policy("v=DMARC1; p=none");
/** Of a client that may send for nobody. */
const FAILED = { reply: "550", result: "fail reject" } as const;
const PASSED = { result: "pass", level: "aligned" } as const;
const SUB = "ann@sub.author.example";

const CASES: Readonly<Record<string, DmarcCase>> = {
  "SPF of the author's domain": { zone: REJECT, ip: "192.0.2.1", ...PASSED },
  "SPF of another domain": { zone: REJECT, ip: "192.0.2.1", sender: "a@other.example", ...FAILED },
  "SPF of a part of the domain": {
    zone: { ...REJECT, "bounce.author.example": { TXT: ["v=spf1 +all"] } },
    sender: "a@bounce.author.example",
    ...PASSED,
  },
  "SPF of a part, strict": {
    zone: {
      ...policy("v=DMARC1; p=reject; aspf=s"),
      "bounce.author.example": { TXT: ["v=spf1 +all"] },
    },
    sender: "a@bounce.author.example",
    ...FAILED,
  },
  "SPF of HELO": {
    zone: { ...REJECT, "mail.author.example": { TXT: ["v=spf1 +all"] } },
    sender: "",
    helo: "mail.author.example",
    ...PASSED,
  },
  "DKIM of the author's domain": { zone: REJECT, signer: "author.example", ...PASSED },
  "DKIM of another domain": { zone: REJECT, signer: "other.example", ...FAILED },
  "DKIM of a part of the domain": { zone: REJECT, signer: "news.author.example", ...PASSED },
  "DKIM of a part, strict": {
    zone: policy("v=DMARC1; p=reject; adkim=s"),
    signer: "news.author.example",
    ...FAILED,
  },
  "DKIM of what is above": { zone: REJECT, from: SUB, signer: "author.example", ...PASSED },
  "DKIM of a neighbour whose name only ends alike": {
    zone: REJECT,
    signer: "evilauthor.example",
    ...FAILED,
  },
  "neither, reject": { zone: REJECT, ...FAILED },
  "neither, quarantine": {
    zone: QUARANTINE,
    result: "fail quarantine",
    marks: ["dmarc=fail (p=quarantine)", "spf=fail"],
  },
  "neither, none": { zone: NONE, result: "fail none", marks: ["spf=fail"] },
  "no policy": { result: "none", marks: ["spf=fail"] },
  "capital letters": { zone: policy("v=DMARC1; P=REJECT; p=Reject"), ...FAILED },
  blanks: { zone: policy("v = DMARC1 ; p = reject ;"), ...FAILED },
  "another version": { zone: policy("v=DMARC2; p=reject"), result: "none", marks: ["spf=fail"] },
  "the version not first": {
    zone: policy("p=reject; v=DMARC1"),
    result: "none",
    marks: ["spf=fail"],
  },
  "two records": {
    zone: { "_dmarc.author.example": { TXT: ["v=DMARC1; p=reject", "v=DMARC1; p=none"] } },
    result: "none",
    marks: ["spf=fail"],
  },
  "a policy that nobody knows, and nowhere to report to": {
    zone: policy("v=DMARC1; p=bounce"),
    result: "none",
    marks: ["spf=fail"],
  },
  "a policy that nobody knows, and somewhere to report to": {
    zone: policy("v=DMARC1; p=bounce; rua=mailto:d@author.example"),
    result: "fail none",
    marks: ["spf=fail"],
  },
  "a part of the domain has the policy above": { zone: REJECT, from: SUB, ...FAILED },
  sp: {
    zone: {
      ...policy("v=DMARC1; p=reject; sp=quarantine"),
      "sub.author.example": { A: ["203.0.113.1"] },
    },
    from: SUB,
    result: "fail quarantine",
    marks: ["dmarc=fail (p=quarantine)", "spf=fail"],
  },
  "sp is not for the domain itself": { zone: policy("v=DMARC1; p=reject; sp=none"), ...FAILED },
  "np of a part that is not there": {
    zone: policy("v=DMARC1; p=none; sp=none; np=reject"),
    from: SUB,
    ...FAILED,
  },
  "np of a part that is there": {
    zone: {
      ...policy("v=DMARC1; p=none; sp=none; np=reject"),
      "sub.author.example": { A: ["203.0.113.1"] },
    },
    from: SUB,
    result: "fail none",
    marks: ["spf=fail"],
  },
  "np, where nobody can say": {
    zone: {
      ...policy("v=DMARC1; p=none; sp=none; np=reject"),
      "sub.author.example": { fails: ["A", "servfail"] },
    },
    from: SUB,
    result: "temperror",
    marks: ["dmarc=temperror", "spf=fail"],
  },
  "t turns reject into quarantine": {
    zone: policy("v=DMARC1; p=reject; t=y"),
    result: "fail quarantine",
    marks: ["dmarc=fail (p=quarantine)", "spf=fail"],
  },
  "t turns quarantine into none": {
    zone: policy("v=DMARC1; p=quarantine; t=y"),
    result: "fail none",
    marks: ["spf=fail"],
  },
  "pct means nothing any more": { zone: policy("v=DMARC1; p=reject; pct=0"), ...FAILED },
  "a policy of its own for a part": {
    zone: { ...REJECT, "_dmarc.sub.author.example": { TXT: ["v=DMARC1; p=none"] } },
    from: SUB,
    result: "fail none",
    marks: ["spf=fail"],
  },
  "psd=y parts the domains below it": {
    zone: { "_dmarc.example": { TXT: ["v=DMARC1; p=reject; psd=y"] } },
    signer: "other.example",
    ...FAILED,
  },
  "psd=n ends the walk": {
    zone: {
      "_dmarc.author.example": { TXT: ["v=DMARC1; p=reject; psd=n"] },
      "_dmarc.example": { TXT: ["v=DMARC1; p=none"] },
    },
    signer: "other.example",
    ...FAILED,
  },
  "a walk from ten labels": {
    zone: { "_dmarc.e.f.g.h.author.example": { TXT: ["v=DMARC1; p=reject"] } },
    from: "ann@a.b.c.d.e.f.g.h.author.example",
    ...FAILED,
  },
  "a policy that nobody answers for": {
    zone: { "_dmarc.author.example": { fails: ["TXT", "servfail"] } },
    result: "temperror",
    marks: ["dmarc=temperror", "spf=fail"],
  },
  "SPF that nobody answers for": {
    zone: { ...REJECT, "author.example": { fails: ["TXT", "timeout"] } },
    result: "temperror reject",
    marks: ["dmarc=temperror"],
  },
  "SPF that nobody answers for, where nothing would be asked": {
    zone: { ...NONE, "author.example": { fails: ["TXT", "timeout"] } },
    result: "temperror none",
  },
  "SPF that nobody answers for, of another domain": {
    zone: { ...REJECT, "other.example": { fails: ["TXT", "timeout"] } },
    sender: "a@other.example",
    ...FAILED,
  },
  "no From": {
    zone: REJECT,
    fields: "Subject: x",
    result: "permerror",
    marks: ["dmarc=permerror", "spf=fail"],
  },
  "a From without an address": {
    zone: REJECT,
    fields: "From: Ann",
    result: "permerror",
    marks: ["dmarc=permerror", "spf=fail"],
  },
  "a From in a group": { zone: REJECT, fields: "From: us: ann@author.example;", ...FAILED },
  "a From in an empty group": {
    zone: REJECT,
    fields: "From: undisclosed:;",
    result: "permerror",
    marks: ["dmarc=permerror", "spf=fail"],
  },
  "two authors of one domain": {
    zone: REJECT,
    fields: "From: ann@author.example, bob@author.example\r\nSender: ann@author.example",
    ...FAILED,
  },
  "a second author does not help": {
    zone: REJECT,
    fields: "From: e@evil.example, ann@author.example",
    ...FAILED,
  },
  "nor does a second From": {
    zone: REJECT,
    fields: "From: e@evil.example\r\nFrom: ann@author.example",
    ...FAILED,
  },
  "the domain is behind the name": {
    zone: REJECT,
    fields: 'From: "boss@evil.example" <ann@author.example>',
    ...FAILED,
  },
  "nor in the name before it": {
    zone: REJECT,
    fields: 'From: "ann@author.example" <e@evil.example>',
    result: "none",
    marks: ["spf=fail"],
  },
  "an international domain": {
    zone: { "_dmarc.xn--grsse-kva5a.example": { TXT: ["v=DMARC1; p=reject"] } },
    fields: "From: ann@xn--grsse-kva5a.example",
    ...FAILED,
  },
  "an author at an address": {
    fields: "From: ann@[192.0.2.1]",
    result: "none",
    marks: ["spf=fail"],
  },
};

for (const [name, one] of Object.entries(CASES))
  test(name, async () => {
    const { from = "ann@author.example", fields = `From: Ann <${from}>`, signer } = one;
    const { ip = CLIENT_IP, sender = "a@author.example", helo = "client.example" } = one;
    const letter = `${fields}\r\nSubject: Hi\r\n\r\nHello.\r\n`;
    const message = signer === undefined ? letter : signedBy(KEY, letter, { d: signer });
    const zone: Zone = {
      "author.example": { TXT: ["v=spf1 ip4:192.0.2.1 -all"] },
      "other.example": { TXT: ["v=spf1 ip4:192.0.2.1 -all"] },
      ...(signer !== undefined && { [`s._domainkey.${signer}`]: { TXT: [KEY.record] } }),
      ...one.zone,
    };
    const arrived = await new OriginSite(zone).arrive({ ip, sender, helo, message });
    const { dmarc, policy: asks, level } = arrived.event ?? {};
    const [result = ""] = one.result.split(" ");
    assert.equal([dmarc, asks].filter((it) => it !== undefined).join(" "), one.result);
    assert.ok(arrived.reply.startsWith(one.reply ?? "250"), arrived.reply);
    if (one.reply === "550") return assert.match(arrived.reply, /^550 5\.7\.26 /);
    assert.deepEqual(arrived.marks, one.marks ?? []);
    assert.equal(level, one.level ?? "none");
    const told = arrived.results.find((text) => text.startsWith("dmarc=")) ?? "";
    assert.ok(told.startsWith(`dmarc=${result}`), told);
    const marked = await new OriginSite(zone, { dmarc: "mark" }).arrive({
      ip,
      sender,
      helo,
      message,
    });
    assert.match(marked.reply, /^250 /);
    const ignored = new OriginSite(zone, { dmarc: "ignore", spf: "ignore" });
    assert.deepEqual((await ignored.arrive({ ip, sender, helo, message })).marks, []);
  });

for (const [name, one] of Object.entries(CASES))
  if (one.result.startsWith("temperror"))
    test(`${name}: later, where that is set`, async () => {
      const { from = "ann@author.example", sender = "a@author.example" } = one;
      const message = `From: Ann <${from}>\r\n\r\nHello.\r\n`;
      const zone: Zone = { "author.example": { TXT: ["v=spf1 -all"] }, ...one.zone };
      const arrived = await new OriginSite(zone, { dnsFailure: "defer" }).arrive({
        sender,
        message,
      });
      const harmless = one.result.endsWith("none"); // then SPF is what is not known
      assert.match(arrived.reply, harmless ? /^451 4\.7\.24 / : /^451 4\.4\.3 /);
      assert.equal(arrived.stored, "");
    });
