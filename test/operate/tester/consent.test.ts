/** Who may be tested: oneself always, others when they agree, nobody who says no, nobody too often. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDomain, parseIp, type Domain, type Ip } from "../../../src/mail/index.ts";
import { consentToken, judgeConsent, readOptOuts } from "../../../src/operate/tester/index.ts";

const TESTER = parseDomain("tester.example") as Domain; // it is one
const TOKEN = consentToken(TESTER, "mx.example.org");

function judged(address: string, more: Partial<Parameters<typeof judgeConsent>[0]> = {}) {
  return judgeConsent({
    target: "mx.example.org",
    endpoints: [{ ip: parseIp(address) as Ip, port: 25, implicitTls: false }],
    mine: false,
    token: TOKEN,
    shown: [],
    optedOut: false,
    today: 0,
    dailyCap: 3,
    ...more,
  });
}

const shows = (text: string) => ({ shown: [{ where: "the TXT record", text }] });

test("loopback and private networks need nobody's word", () => {
  for (const address of ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.1", "fd00::1"])
    assert.equal(judged(address, { optedOut: true, today: 99 }).kind, "yes", address);
});

test("a public address needs the owner's word, and is told how to give it", () => {
  const no = judged("8.8.8.8");
  assert.ok(
    no.kind === "no" && no.why.includes(TOKEN) && no.why.includes("_gatepost-test.mx.example.org"),
  );
  assert.equal(judged("8.8.8.8", { mine: true }).kind, "yes");
  assert.equal(judged("8.8.8.8", shows(`v=1 ${TOKEN}`)).kind, "yes");
});

test("another tester's or another target's token is none", () => {
  const other = parseDomain("other.example") as Domain; // it is one
  for (const token of [
    consentToken(other, "mx.example.org"),
    consentToken(TESTER, "mx.example.net"),
    "gatepost-test=",
  ])
    assert.equal(judged("8.8.8.8", shows(token)).kind, "no");
});

test("who says no is left alone, whatever else is said", () => {
  const sure = { mine: true } as const;
  assert.equal(judged("8.8.8.8", { ...sure, ...shows(" NO ") }).kind, "no");
  assert.equal(judged("8.8.8.8", { ...sure, optedOut: true }).kind, "no");
});

test("nobody is tested more often than so many times a day", () => {
  assert.equal(judged("8.8.8.8", { mine: true, today: 2 }).kind, "yes");
  assert.equal(judged("8.8.8.8", { mine: true, today: 3 }).kind, "no");
});

test("a list of those who want to be left alone has one a line, and comments", () => {
  assert.deepEqual(
    [...readOptOuts("# us\nMX.example.org\n\n 192.0.2.1 # them\n")],
    ["mx.example.org", "192.0.2.1"],
  );
});
