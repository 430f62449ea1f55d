/** Messages and policies, and what DMARC (RFC 9989) says: whose mail it is, what its author's domain asks for, and what is done. */
import { CLIENT_IP, type Arriving } from "./site.ts";
import { rsaKey, signedBy } from "./signer.ts";
import type { Zone } from "./zone.ts";

const KEY = rsaKey(2048);

export interface DmarcCase extends Arriving {
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
  /** What Mail::DMARC says, in the same words, where that is otherwise; and why. */
  readonly perl?: readonly [result: string, why: string];
}

const policy = (text: string): Zone => ({ "_dmarc.author.example": { TXT: [text] } });
const REJECT = policy("v=DMARC1; p=reject");
const QUARANTINE = policy("v=DMARC1; p=quarantine");
const NONE = policy("v=DMARC1; p=none");
/** Of a client that may send for nobody. */
const FAILED = { reply: "550", result: "fail reject" } as const;
const PASSED = { result: "pass", level: "aligned" } as const;
const SUB = "ann@sub.author.example";

export const DMARC_CASES: Readonly<Record<string, DmarcCase>> = {
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
  blanks: {
    zone: policy("v = DMARC1 ; p = reject ;"),
    ...FAILED,
    perl: ["none", "it looks for v=DMARC1 without blanks (RFC 9989 §4.7 allows them)"],
  },
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
    perl: ["fail none", "it takes no action either, and calls that a failure"],
  },
  "a policy that nobody knows, and nowhere to report to": {
    zone: policy("v=DMARC1; p=bounce"),
    result: "none",
    marks: ["spf=fail"],
    perl: ["fail none", "it takes no action either, and calls that a failure"],
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
    perl: ["fail none", "RFC 7489 has no np"],
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
    perl: ["fail none", "RFC 7489 has no np"],
  },
  "t turns reject into quarantine": {
    zone: policy("v=DMARC1; p=reject; t=y"),
    result: "fail quarantine",
    marks: ["dmarc=fail (p=quarantine)", "spf=fail"],
    perl: ["fail reject", "RFC 7489 has no t"],
  },
  "t turns quarantine into none": {
    zone: policy("v=DMARC1; p=quarantine; t=y"),
    result: "fail none",
    marks: ["spf=fail"],
    perl: ["fail quarantine", "RFC 7489 has no t"],
  },
  "pct means nothing any more": {
    zone: policy("v=DMARC1; p=reject; pct=0"),
    ...FAILED,
    perl: [
      "fail quarantine",
      "RFC 7489 has pct, and a message that is not among so many is met with the next weaker policy",
    ],
  },
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
    perl: ["none", "RFC 7489 has no walk up the tree: nobody asks above the organization's domain"],
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
    perl: [
      "none",
      "RFC 7489 has no walk up the tree: nobody asks between the author's domain and the organization's",
    ],
  },
  "a policy that nobody answers for": {
    zone: { "_dmarc.author.example": { fails: ["TXT", "servfail"] } },
    result: "temperror",
    marks: ["dmarc=temperror", "spf=fail"],
    perl: ["none", "to it a failing DNS is a domain without a policy"],
  },
  "SPF that nobody answers for": {
    zone: { ...REJECT, "author.example": { fails: ["TXT", "timeout"] } },
    result: "temperror reject",
    marks: ["dmarc=temperror", "spf=temperror"],
    perl: ["fail reject", "it has no temperror: RFC 7489 §6.6.2 leaves that to the receiver"],
  },
  "SPF that nobody answers for, where nothing would be asked": {
    zone: { ...NONE, "author.example": { fails: ["TXT", "timeout"] } },
    result: "temperror none",
    marks: ["spf=temperror"],
    perl: ["fail none", "it has no temperror: RFC 7489 §6.6.2 leaves that to the receiver"],
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
    perl: ["fail none", "it has no permerror"],
  },
  "a From without an address": {
    zone: REJECT,
    fields: "From: Ann",
    result: "permerror",
    marks: ["dmarc=permerror", "spf=fail"],
    perl: ["no result", "it has no permerror, and throws"],
  },
  "a From in a group": {
    zone: REJECT,
    fields: "From: us: ann@author.example;",
    ...FAILED,
    perl: ["no result", "it takes what is behind the last @ and knows no groups"],
  },
  "a From in an empty group": {
    zone: REJECT,
    fields: "From: undisclosed:;",
    result: "permerror",
    marks: ["dmarc=permerror", "spf=fail"],
    perl: ["no result", "it has no permerror, and throws"],
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
    zone: {
      "xn--bcher-kva.example": { A: ["203.0.113.1"] },
      "_dmarc.xn--bcher-kva.example": { TXT: ["v=DMARC1; p=reject"] },
    },
    fields: "From: ann@xn--bcher-kva.example",
    ...FAILED,
  },
  "an author at an address": {
    fields: "From: ann@[192.0.2.1]",
    result: "none",
    marks: ["spf=fail"],
    perl: ["no result", "it throws for an address in brackets"],
  },
};

/** The message as it comes, and the zone that it is held against. */
export function dmarcArriving(one: DmarcCase): Required<Pick<Arriving, "message">> & Arriving {
  const { from = "ann@author.example", fields = `From: Ann <${from}>`, signer } = one;
  const { ip = CLIENT_IP, sender = "a@author.example", helo = "client.example" } = one;
  const letter = `${fields}\r\nSubject: Hi\r\n\r\nHello.\r\n`;
  const message = signer === undefined ? letter : signedBy(KEY, letter, { d: signer });
  return { ip, sender, helo, message };
}

export function dmarcZone({ zone, signer }: DmarcCase): Zone {
  return {
    "author.example": { TXT: ["v=spf1 ip4:192.0.2.1 -all"] },
    "other.example": { TXT: ["v=spf1 ip4:192.0.2.1 -all"] },
    ...(signer !== undefined && { [`s._domainkey.${signer}`]: { TXT: [KEY.record] } }),
    ...zone,
  };
}
