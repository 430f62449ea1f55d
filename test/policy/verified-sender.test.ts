/** Whose the reverse-path is: what counts as shown at RCPT, with the message, and again from what the queue has kept. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAddress, type Address, type SenderEvidence } from "../../src/mail/index.ts";
import {
  senderProof,
  unknownRecipient,
  verifiedSender,
  type SenderFindings,
  type WaitingSender,
} from "../../src/policy/checks/index.ts";

function addressOf(text: string): Address {
  const address = parseAddress(text);
  assert.ok(typeof address !== "string", text);
  return address;
}

const SAM = "sam@strange.example";
const spf = (result: string, domain = "strange.example") => ({ result, domain });
const dmarc = (author: string, sender = author) => ({ author, sender });

const PROOFS: readonly (readonly [sender: string, found: SenderFindings, proof: string])[] = [
  [SAM, {}, "none"],
  [SAM, { spf: spf("pass") }, "spf"],
  [SAM, { spf: spf("fail") }, "none"],
  [SAM, { spf: spf("softfail") }, "none"],
  [SAM, { spf: spf("neutral") }, "none"],
  [SAM, { spf: spf("none") }, "none"],
  [SAM, { spf: spf("permerror") }, "none"],
  [SAM, { spf: spf("temperror") }, "undecided"],
  // Of another domain: the name in EHLO, or a sender before.
  [SAM, { spf: spf("pass", "client.example") }, "none"],
  ["sam@sub.strange.example", { spf: spf("pass") }, "none"],
  [SAM, { spf: spf("pass", "sub.strange.example") }, "none"],
  [SAM, { dmarc: dmarc("strange.example") }, "dmarc"],
  ["sam@sub.strange.example", { dmarc: dmarc("strange.example") }, "dmarc"],
  ["sam@xstrange.example", { dmarc: dmarc("strange.example") }, "none"],
  [SAM, { dmarc: dmarc("author.example") }, "none"],
  // The one's author, the other's sender: an organization of its own below (RFC 9989 §4.10.2, psd=n).
  [SAM, { dmarc: dmarc("author.example", "strange.example") }, "none"],
  ["sam@sub.strange.example", { dmarc: dmarc("strange.example", "sub.strange.example") }, "none"],
  [SAM, { spf: spf("temperror"), dmarc: dmarc("strange.example") }, "dmarc"],
  ["sam@[192.0.2.1]", { spf: spf("pass", "") }, "none"],
];

test("SPF speaks for its very domain, DMARC for the author's organization, and silence for nobody", () => {
  for (const [sender, found, proof] of PROOFS)
    assert.equal(senderProof(addressOf(sender), found), proof, JSON.stringify([sender, found]));
  assert.equal(senderProof(null, { spf: spf("pass") }), "none");
});

function shown(waiting: WaitingSender): string {
  const sender = verifiedSender(waiting);
  return sender === undefined ? "nobody" : `${sender.address.local} by ${sender.by}`;
}

test("what the queue has kept shows it again, or nothing does", () => {
  const kept = (evidence: Partial<SenderEvidence>): WaitingSender => ({
    reversePath: "SRS0=x=y=strange.example=sam@local.example",
    evidence: { sender: SAM, ...evidence },
  });
  assert.equal(shown(kept({ spf: "strange.example" })), "sam by spf");
  assert.equal(shown(kept({ dmarc: dmarc("strange.example") })), "sam by dmarc");
  assert.equal(shown(kept({})), "nobody");
  assert.equal(shown(kept({ spf: "other.example" })), "nobody");
  assert.equal(shown(kept({ network: "192.0.2.0/24" })), "nobody", "that is for our own users");
  assert.equal(shown({ reversePath: SAM }), "nobody");
  assert.equal(shown({ reversePath: "" }), "nobody");
  assert.equal(shown({ reversePath: SAM, grant: { basis: "peer" } }), "sam by peer");
  assert.equal(shown({ reversePath: "", grant: { basis: "peer" } }), "nobody");
  assert.equal(shown({ reversePath: SAM, grant: { basis: "alias" } }), "nobody");
});

const UNKNOWN = { reversePath: addressOf(SAM), spf: spf("pass"), before: 0, most: 2, room: true };

test("an unknown recipient is taken from a verified sender alone, so many of a message, while his domain has room", () => {
  const kind = (change: Partial<Parameters<typeof unknownRecipient>[0]>): string => {
    const { recipient, facts } = unknownRecipient({ ...UNKNOWN, ...change });
    return [recipient, ...(facts.unreported === undefined ? [] : [facts.unreported])].join(": ");
  };
  assert.equal(kind({}), "unknown mailbox, to be reported");
  assert.equal(kind({ before: 1 }), "unknown mailbox, to be reported");
  assert.equal(kind({ before: 2 }), "unknown mailbox: one report names no more recipients");
  assert.equal(
    kind({ room: false }),
    "unknown mailbox: its domain has had its reports of this hour",
  );
  assert.equal(kind({ room: false, before: 1 }), "unknown mailbox, to be reported", "the same one");
  assert.equal(kind({ spf: spf("softfail") }), "unknown mailbox: SPF does not verify the sender");
  assert.equal(kind({ spf: spf("temperror") }), "unknown mailbox, sender undecided");
  assert.equal(kind({ reversePath: null }), "unknown mailbox");
});
